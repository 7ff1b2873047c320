// Shows /api/health/detailed, asked again every few seconds while the page is looked at.
'use strict';

const REFRESH_MS = 5000;
const NAMES = {
  database: 'Database',
  redis: 'Redis',
  object_store: 'Object store',
  ai_service: 'AI service',
};
const HEADLINES = {
  healthy: 'Everything works',
  degraded: 'Working, with something missing',
  unhealthy: 'Something critical does not work',
  unknown: 'The platform does not answer',
};

const byId = (id) => document.getElementById(id);

function stateOf(check) {
  if (check.status === 'healthy') return 'healthy';
  return check.status === 'unhealthy' ? 'unhealthy' : 'unknown';
}

function detailOf(check) {
  if (check.status === 'not_configured') return 'not configured';
  const time = typeof check.response_time_ms === 'number' ? `, ${check.response_time_ms.toFixed(1)} ms` : '';
  return `${String(check.status).replaceAll('_', ' ')}${time}`;
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function row(name, check) {
  const item = element('li');
  item.dataset.state = stateOf(check);
  const words = element('div');
  words.append(element('strong', '', NAMES[name] ?? name), element('span', 'detail', detailOf(check)));
  item.append(element('span', 'light'), words);
  return item;
}

function show(state, health) {
  byId('verdict').dataset.state = state;
  byId('headline').textContent = HEADLINES[state];
  byId('asked').textContent = `asked at ${new Date().toLocaleTimeString()}`;
  if (!health) return;
  byId('version').textContent = health.version ?? '';
  const checks = Object.entries(health.checks ?? {});
  byId('checks').replaceChildren(...checks.map(([name, check]) => row(name, check)));
}

function verdict(answered, health) {
  if (!answered || health.status === 'unhealthy') return 'unhealthy';
  const failing = Object.values(health.checks ?? {}).some((check) => check.status === 'unhealthy');
  return failing || health.status === 'degraded' ? 'degraded' : 'healthy';
}

async function refresh() {
  try {
    const answer = await fetch('/api/health/detailed', { headers: { Accept: 'application/json' } });
    const health = await answer.json();
    show(verdict(answer.ok, health), health);
  } catch {
    show('unknown', null);
  }
}

refresh();
setInterval(() => { if (!document.hidden) refresh(); }, REFRESH_MS);
document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
