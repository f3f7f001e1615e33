// What teams and people have, in words.

export function figures(words) {
  const {say} = words;

  const score = (by, team) => ({total: team.amount, per_fte: team.per_fte, attainment: team.percent})[by];

  function written(metric, by, value) {
    if (value === null || value === undefined) return '–';
    return by === 'attainment' ? words.percent(value) : words.amount(metric, value);
  }

  function unit(metric, by) {
    if (by === 'attainment') return say('unit.goal');
    const counted = metric.money ? '' : words.label(metric);
    return [counted, by === 'per_fte' ? say('unit.fte') : ''].filter(Boolean).join(' ');
  }

  const signed = (metric, value) => `${value < 0 ? '−' : '+'}${words.amount(metric, Math.abs(value))}`;
  const deals = count => (count === 1 ? say('deals.one') : say('deals.more', {count}));

  function capital(text) {
    return text.slice(0, 1).toLocaleUpperCase() + text.slice(1);
  }

  function title({metric, by, period}) {
    return `${capital(say(`by.${by}`, {metric: words.label(metric)}))} · ${words.period(period)}`;
  }

  function legend({expected_percent: percent, state, workdays}, short) {
    if (percent === null) return '';
    const key = state === 'open' && workdays && !short ? 'legend' : 'legend.short';
    return say(key, {...workdays, percent: words.percent(percent)});
  }

  const who = ({team, rep}) => rep ?? team?.name ?? say('nobody');
  const both = ({team, rep}) => [team?.name, rep].filter(Boolean).join(' · ') || say('nobody');

  return {score, written, unit, signed, deals, capital, title, legend, who, both};
}
