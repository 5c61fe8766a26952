// Forms are sent as JSON, so that what changes something is never a page of another site; a refusal is shown where one is.
'use strict';

const refusal = document.querySelector('.refusal');

function say(sentence) {
  refusal.textContent = sentence;
  refusal.hidden = false;
}

refusal.addEventListener('click', () => { refusal.hidden = true; });

function emptyDrawing(name) {
  const start = { id: 'start', name: 'Start1', type: 'Elsa.Start', version: 1, metadata: { designer: { position: { x: 0, y: 0 } } } };
  const root = { id: 'flow', name: 'Flowchart1', type: 'Elsa.Flowchart', version: 1, activities: [start], connections: [] };
  return { model: { name, variables: [], inputs: [], outputs: [], root }, publish: false };
}

// "/studio/{workflowDefinition.definitionId}/edit", filled from the answer.
const filled = (template, answer) =>
  template.replace(/\{([\w.]+)\}/g, (_, path) => encodeURIComponent(path.split('.').reduce((at, name) => at[name], answer)));

document.addEventListener('submit', async event => {
  const form = event.target;
  if (!form.dataset.send) return;
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(form));
  const body = 'newWorkflow' in form.dataset ? emptyDrawing(fields.name) : fields;
  const answer = await fetch(form.action, {
    method: form.dataset.send,
    headers: { 'content-type': 'application/json' },
    body: form.dataset.send === 'DELETE' ? undefined : JSON.stringify(body),
  });
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) location.assign(form.dataset.then ? filled(form.dataset.then, told) : location.href);
  else say(told.detail ?? `The server answered ${answer.status}.`);
});

const studio = document.getElementById('studio');

function mount() {
  const element = document.createElement(studio.dataset.element);
  element.setAttribute('remote-endpoint', `${location.origin}/studio/api`);
  if (studio.dataset.definitionId) element.setAttribute('definition-id', studio.dataset.definitionId);
  if (studio.dataset.instanceId) element.setAttribute('instance-id', studio.dataset.instanceId);
  if (studio.dataset.case) {
    element.setAttribute('tenant-id', studio.dataset.case);
    element.setAttribute('tenant-id-header-name', 'X-Sentinel-Case');
  }
  studio.replaceWith(element);
}

// Studio alone, without its shell, shows no messages: a refusal would pass in silence.
function listen() {
  const ask = window.fetch;
  window.fetch = async (...asked) => {
    const answer = await ask(...asked);
    if (answer.headers.get('x-elsa-workflow-cannot-start'))
      say('It runs for a case: choose one above, then run it.');
    else if (!answer.ok && answer.headers.get('content-type')?.startsWith('application/problem+json'))
      answer.clone().json().then(told => say(told.detail ?? `The server answered ${answer.status}.`));
    return answer;
  };
}

// Where Studio would go in its shell, there is a page of ours.
function lead() {
  const push = history.pushState;
  history.pushState = (state, title, url) => {
    const [, kind, id] = /\/workflows\/(definitions|instances)\/([^/]+)/.exec(url ?? '') ?? [];
    if (kind) location.assign(kind === 'instances' ? `/studio/runs/${id}` : `/studio/${id}/edit`);
    else push.call(history, state, title, url);
  };
}

if (studio) {
  listen();
  lead();
  mount();
}

// The list of activities says what each is in words alone: the style needs it as an attribute.
if (studio)
  new MutationObserver(() => {
    for (const item of document.querySelectorAll('[draggable=true]:not([data-activity])'))
      item.dataset.activity = item.textContent.trim();
  }).observe(document.body, { childList: true, subtree: true });
