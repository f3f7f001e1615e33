// Returns what is wrong with the picture: text outside the safe area, cut off, too small, or on top of other text.
([smallest, exempt, margin]) => {
  const unit = Math.min(innerWidth / 1920, innerHeight / 1080), faults = [], texts = [];
  const height = Math.max(innerHeight, document.documentElement.scrollHeight), width = innerWidth;
  const area = {left: margin * width, right: (1 - margin) * width, top: margin * height, bottom: (1 - margin) * height};
  const outside = (rect, room, by = 1) =>
    rect.left < room.left - by || rect.right > room.right + by || rect.top < room.top - by || rect.bottom > room.bottom + by;
  const walker = document.createTreeWalker(document.getElementById('screen'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, holder = node.parentElement, range = document.createRange();
    if (!node.data.trim() || !holder.checkVisibility()) continue;
    range.selectNodeContents(node);
    const whole = range.getBoundingClientRect(), size = parseFloat(getComputedStyle(holder).fontSize);
    // the line box is higher than the letters: capitals are 0.73 of the size, and stand in its middle
    const middle = (whole.top + whole.bottom) / 2;
    const rect = {left: whole.left, right: whole.right, top: middle - 0.37 * size, bottom: middle + 0.37 * size};
    const lines = range.getClientRects().length;
    if (lines > 1) Object.assign(rect, {top: whole.top + 0.2 * size, bottom: whole.bottom - 0.2 * size});
    const what = `"${node.data.trim()}" (${holder.className || holder.id || holder.tagName})`;
    if (outside(rect, area)) faults.push(`outside the safe area: ${what}`);
    if (!holder.matches(exempt) && size < smallest * unit - 0.5) faults.push(`${(size / unit).toFixed(1)} px: ${what}`);
    for (let box = holder; box.id !== 'screen'; box = box.parentElement) {
      if (getComputedStyle(box).overflow !== 'visible' && outside(rect, box.getBoundingClientRect(), 2)) faults.push(`cut off: ${what}`);
    }
    for (const other of texts) {
      const across = Math.min(rect.right, other.rect.right) - Math.max(rect.left, other.rect.left);
      const down = Math.min(rect.bottom, other.rect.bottom) - Math.max(rect.top, other.rect.top);
      if (across > 2 && down > 2) faults.push(`${what} on top of ${other.what}`);
    }
    texts.push({rect, what});
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push('the page is wider than the screen');
  return texts.length ? faults : ['nothing on the screen'];
}
