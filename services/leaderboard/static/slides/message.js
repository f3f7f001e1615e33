// What somebody in the office wants to say to all.

import {make, number} from '../parts.js';

export function message(host, kit) {
  const text = make('p.said.enter.fit-box');
  host.append(make('i.quote.enter'), text);

  function draw(slide) {
    text.textContent = kit.words.of(slide.text);
    // the longer it is the smaller it is written: 150 px down to 64, of a screen 1080 high
    number(text, '--size', Math.round(Math.min(150, Math.max(64, 1500 / Math.sqrt(text.textContent.length + 12)))));
    return {title: kit.words.say('message.title')};
  }

  return {draw};
}
