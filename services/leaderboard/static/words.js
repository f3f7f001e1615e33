// Numbers, moments and sentences in the screen's language and the organisation's time zone.

const LOCALES = {nl: 'nl-NL', en: 'en-GB'};

export function words(texts, language) {
  const locale = LOCALES[language];
  const whole = new Intl.NumberFormat(locale, {maximumFractionDigits: 0});

  const say = (key, values = {}) => (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function when(moment, zone, form) {
    return new Intl.DateTimeFormat(locale, {timeZone: zone, ...form}).format(moment);
  }

  return {
    say,
    // What is said of a text in each language.
    of: text => text[language] ?? Object.values(text)[0] ?? '',
    decimal: (metric, value) => new Intl.NumberFormat(locale, {
      ...(metric.money ? {style: 'currency', currency: metric.unit} : {}), minimumFractionDigits: 0, maximumFractionDigits: metric.money ? 0 : 1,
    }).format(value),
    date: (moment, zone) => when(moment, zone, {weekday: 'long', day: 'numeric', month: 'long'}),
    // A day such as 2026-11-24, against now.
    day: (day, now, zone) => {
      const written = when(now, zone, {year: 'numeric', month: '2-digit', day: '2-digit'}), noon = new Date(`${day}T12:00:00Z`);
      if (when(noon, 'UTC', {year: 'numeric', month: '2-digit', day: '2-digit'}) === written) return say('day.today');
      return when(noon, 'UTC', {weekday: 'long', day: 'numeric', month: 'long'});
    },
    percent: value => `${whole.format(Math.floor(value))}%`,
    clock: (moment, zone) => when(moment, zone, {hour: '2-digit', minute: '2-digit'}),
    when: (moment, now, zone) => {
      const day = {year: 'numeric', month: '2-digit', day: '2-digit'}, clock = {hour: '2-digit', minute: '2-digit'};
      if (when(moment, zone, day) === when(now, zone, day)) return when(moment, zone, clock);
      if (now - moment < 6 * 864e5) return when(moment, zone, {weekday: 'short', ...clock});
      return when(moment, zone, {day: 'numeric', month: 'short'});
    },
    amount: (metric, value) => {
      const usual = value / 10 ** metric.decimals;
      const form = metric.money ? {style: 'currency', currency: metric.unit} : {};
      return new Intl.NumberFormat(locale, {...form, minimumFractionDigits: 0, maximumFractionDigits: 0}).format(usual);
    },
    label: metric => metric.label[language] ?? metric.id,
    period: period => {
      const [year, month, day] = period.first.split('-').map(Number), first = new Date(Date.UTC(year, month - 1, day));
      const [, week] = period.id.split('-W'), [, quarter] = period.id.split('-Q');
      switch (period.kind) {
        case 'day': return when(first, 'UTC', {weekday: 'long', day: 'numeric', month: 'long'});
        case 'week': return say('period.week', {week: Number(week), year: period.id.slice(0, 4)});
        case 'month': return when(first, 'UTC', {month: 'long', year: 'numeric'});
        case 'quarter': return say('period.quarter', {quarter, year});
        default: return String(year);
      }
    },
    stopwatch: milliseconds => {
      const seconds = Math.floor(milliseconds / 1000);
      return say('time.stopwatch', {minutes: Math.floor(seconds / 60), seconds: String(seconds % 60).padStart(2, '0')});
    },
    span: milliseconds => {
      const minutes = Math.max(0, Math.floor(milliseconds / 6e4)), hours = Math.floor(minutes / 60);
      if (hours >= 24) return say('time.days', {days: Math.floor(hours / 24), hours: hours % 24});
      return hours ? say('time.hours', {hours, minutes: minutes % 60}) : say('time.minutes', {minutes});
    },
  };
}
