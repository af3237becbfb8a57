// The status page's script: asks for the status every few seconds and draws it.  Every text from elsewhere is set as text.

const PERIOD_MS = 3_000;
const LATE_MS = 10_000;

// Not `location.href`: nothing can be fetched from an address that has the password in it.
const BASE = `${location.origin}/_headroom/`;

/** What a cluster is at the moment: its tone, and its shape within a radius of 8. */
const STATES = {
  "takes writes": ["ok", "M-6-6H6V6H-6Z"],
  "serves reads": ["ok", "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0"],
  lagging: ["warn", "M0-7L7 6H-7Z"],
  "breaker open": ["warn", "M0-7L7 0 0 7-7 0Z"],
  draining: ["warn", "M-3-7H3V0H7L0 7-7 0H-3Z"],
  standby: ["", "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0"],
  down: ["bad", "M-7-4L-4-7 0-3 4-7 7-4 3 0 7 4 4 7 0 3-4 7-7 4-3 0Z"],
  fenced: ["bad", "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0M-4-1.5H4V1.5H-4Z"],
  "not known": ["", "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0"],
};

/** How bad something is: the word, and a state of the same shape. */
const TONES = { ok: ["OK", "serves reads"], warn: ["Warning", "lagging"], bad: ["Critical", "down"] };

const COLUMNS = ["Cluster", "State", "Role", "It says it is", "Last probe", "Lag", "In this isolate", "Elsewhere", "Do"];

const $ = (id) => document.getElementById(id);

function fill(element, attributes, ...children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const make = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, ...children);
const draw = (tag, attributes, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, ...children);

function mark(state) {
  const [tone, d] = STATES[state];
  return draw("svg", { viewBox: "-8 -8 16 16", "aria-hidden": true, class: tone }, draw("path", { d }));
}

/** Says it only where it is new: what is read aloud, selected or in focus is left alone. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const shown = new WeakMap();
/** Makes the children of an element anew where what they show has changed. */
function list(element, items, child) {
  const key = JSON.stringify(items);
  if (shown.get(element) === key) return;
  shown.set(element, key);
  element.replaceChildren(...items.map(child));
}

function span(ms) {
  const [unit, length] = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1_000]].find(([, length]) => ms >= 2 * length) ?? ["ms", 1];
  return `${Math.round(ms / length)} ${unit}`;
}

/** For people, for whom less than two seconds is now. */
const ago = (ms) => (ms < 2_000 ? "now" : `${span(ms)} ago`);

function clock(at) {
  const date = new Date(at);
  return Date.now() - at < 72_000_000 ? date.toLocaleTimeString() : date.toLocaleString();
}

function time(at, ...more) {
  const iso = new Date(at).toISOString();
  return make("time", { datetime: iso, title: iso }, clock(at), ...more);
}

/** What a cluster is, the worst of it; `own` is what the isolate has of it. */
function stateOf(cluster, own, limit) {
  const isOpen = cluster.suspect || (own && own.breaker !== "closed");
  if (cluster.fenced) return "fenced";
  if (cluster.up === false) return "down";
  if (cluster.effective_role === "standby") return "standby";
  if (cluster.draining) return "draining";
  if (isOpen) return "breaker open";
  if (cluster.effective_role === "writer") return "takes writes";
  if (cluster.lag_ms > limit) return "lagging";
  return cluster.up ? "serves reads" : "not known";
}

function breaker({ breaker }) {
  if (breaker === "closed") return "breaker closed";
  return breaker.open_until ? `breaker open until ${clock(breaker.open_until)}` : `breaker half-open, ${breaker.half_open} free`;
}

/** What is not as it should be, each with its tone. */
function problems({ object, isolate }, clusters, now) {
  const found = [];
  const bad = (text) => found.push(["bad", text]);
  const warn = (text) => found.push(["warn", text]);
  if (!isolate) bad("This isolate has no valid configuration: it answers 500.");
  if (isolate?.lease_over) bad("The lease of this isolate is over: it refuses writes until it hears from the health object.");
  if (!object) {
    bad("The health object does not answer. Reads go on without it; drain, promote and readmit do not.");
    return found;
  }
  if (object.no_writer) bad(`Nobody takes writes: ${object.no_writer}.`);
  if (!object.topology.is_current) {
    warn(["The topology deployed last is invalid, and the last valid one stays in force:", ...object.topology.errors].join("\n"));
  }
  for (const { id, own, ...cluster } of clusters) {
    if (!cluster.up) {
      (id === object.writer ? bad : warn)(`${id} is down since ${clock(cluster.since)}: ${cluster.last_probe?.words}.`);
    }
    if (cluster.draining) warn(`${id} is drained: it gets nothing new.`);
    if (own && own.breaker !== "closed") warn(`${id}: ${breaker(own)} in this isolate.`);
    if (cluster.suspect) warn(`${id}: some isolate has its circuit breaker open.`);
    if (cluster.lag_ms > isolate?.max_lag_ms) warn(`${id} lags ${span(cluster.lag_ms)}, more than ${span(isolate.max_lag_ms)}: reads go elsewhere.`);
    if (cluster.effective_role === "standby" && cluster.role !== "standby") warn(`${id} says that it serves nobody: it gets nothing.`);
    if (cluster.former_cluster_id) warn(`${id} is another cluster than before: its cluster id was ${cluster.former_cluster_id}.`);
  }
  for (const { id, since } of object.fences) warn(`${id} is fenced since ${clock(since)}: it gets nothing until it is readmitted.`);
  const probed = Math.max(...clusters.map((cluster) => cluster.last_probe?.at ?? now));
  if (now - probed > 60_000) bad(`Nothing was probed for ${span(now - probed)}: the alarm of the health object is late.`);
  return found;
}

const isUnderWay = (promotion) => ["checking", "fenced", "target-check"].includes(promotion?.state);

function show(status) {
  const { object, isolate } = status;
  const now = object?.at ?? Date.now();
  const owns = new Map(isolate?.clusters.map((own) => [own.id, own]));
  const clusters = (object ?? isolate)?.clusters.map((cluster) => {
    const own = owns.get(cluster.id);
    return { ...cluster, own, standing: stateOf(cluster, own, isolate?.max_lag_ms) };
  }) ?? [];
  const found = problems(status, clusters, now);
  banner(object, clusters, found);
  list($("problems"), found.length ? found : [["ok", "Nothing."]], ([tone, text]) => {
    return make("li", {}, mark(TONES[tone][1]), make("span", {}, text));
  });
  const promotion = object?.promotion;
  $("promotion").hidden = !promotion;
  if (promotion) {
    const next = promotion.next_at ?? promotion.until;
    say($("promotion").firstChild, `Promotion of ${promotion.target} in place of ${promotion.old_primary}`);
    say($("stage"), `${promotion.state}${next > now ? `, goes on in ${span(next - now)}` : ""}`);
    list($("steps"), promotion.steps, ({ at, words }) => make("li", {}, time(at), make("span", {}, words)));
  }
  const age = isolate?.snapshot_age_ms;
  const heard = age == null ? "It has heard nothing from the health object." : `It heard from the health object ${ago(age)}.`;
  say($("isolate"), `${heard} ${isolate?.in_flight ?? 0} requests in flight.${isolate?.lease_ms ? ` Its lease for writes is ${span(isolate.lease_ms)}.` : ""}`);
  map(clusters);
  table(clusters, object, now);
  list($("events"), object?.events ?? [], ({ at, words }) => {
    return make("li", {}, time(at, " ", make("small", { "data-at": at })), make("span", {}, words));
  });
  for (const age of document.querySelectorAll("[data-at]")) say(age, ago(now - age.dataset.at));
}

function banner(object, clusters, found) {
  const writer = object?.writer;
  const down = clusters.filter(({ id, standing }) => standing === "down" && id !== writer).map(({ id }) => id);
  const words = [];
  if (!object) words.push("the health object does not answer");
  else if (!writer) words.push("nobody takes writes");
  else words.push(`${writer} takes writes${clusters.some(({ id, up }) => id === writer && !up) ? ", but is down" : ""}`);
  if (isUnderWay(object?.promotion)) words.push(`the promotion of ${object.promotion.target} is under way`);
  if (down.length) words.push(`down: ${down.join(", ")}`);
  if (object && !object.topology.is_current) words.push("the topology deployed last is invalid");
  headline(found.some(([tone]) => tone === "bad") ? "bad" : found.length ? "warn" : "ok", words.join("; "));
}

function headline(tone, words) {
  const [level, state] = TONES[tone];
  const text = `${level}: ${words}.`;
  $("banner").className = tone;
  if ($("banner").firstChild !== $("headline")) $("banner").firstChild.remove();
  $("banner").prepend(mark(state));
  say($("headline"), text);
  document.title = text;
}

function map(clusters) {
  const places = clusters.filter(({ own }) => own).map(({ id, own, standing }) => ({ id, standing, x: own.longitude + 180, y: 90 - own.latitude }));
  const taken = places.map(({ x, y }) => ({ x, line: y + 4, from: x - 8, to: x + 8 }));
  list($("marks"), places, ({ id, standing, x, y }) => {
    // A label that would lie on another one, or on a mark, moves below it.
    const length = 12 + 7 * id.length;
    const isLeft = x > 250;
    const [from, to] = isLeft ? [x - length, x] : [x, x + length];
    let line = y + 4;
    while (taken.some((other) => Math.abs(other.line - line) < 12 && other.from < to && from < other.to && other.x !== x)) line += 4;
    taken.push({ x, line, from, to });
    const [tone, d] = STATES[standing];
    const label = draw("text", { x: isLeft ? x - 10 : x + 10, y: line, "text-anchor": isLeft ? "end" : "start" }, id);
    return draw("g", { class: tone }, draw("path", { d, transform: `translate(${x} ${y})` }), label);
  });
}

const rows = new Map();

/** A row, whose texts and buttons change and stay the same elements. */
function row(id) {
  const cells = COLUMNS.map((label, at) => {
    return make(at ? "td" : "th", { role: at ? "cell" : "rowheader", "data-label": label }, make("span", {}), make("small", {}));
  });
  const buttons = [0, 1, 2].map(() => make("button", {}));
  cells[8].replaceChildren(make("span", {}, ...buttons));
  const element = make("tr", { role: "row", id: `cluster-${id}` }, ...cells);
  $("clusters").append(element);
  return { element, cells, buttons };
}

function table(clusters, object, now) {
  for (const [id, { element }] of rows) {
    if (!clusters.some((cluster) => cluster.id === id)) {
      element.remove();
      rows.delete(id);
    }
  }
  for (const cluster of clusters) {
    const { id, own, last_probe: probe, role, effective_role: effective } = cluster;
    if (!rows.has(id)) rows.set(id, row(id));
    const { cells, buttons } = rows.get(id);
    const failures = cluster.consecutive_failures ? `, ${cluster.consecutive_failures} failed probes` : "";
    [
      [id, cluster.cluster_id],
      [cluster.standing, object && `${cluster.up ? "up" : "down"} since ${clock(cluster.since)}${failures}${cluster.draining ? ", drained" : ""}`],
      [role, role !== effective && effective],
      [cluster.state?.replaceAll("-", " ")],
      probe ? [`${probe.status ?? "no answer"} in ${span(probe.took)}`, ago(now - probe.at)] : [],
      [cluster.lag_ms != null && span(cluster.lag_ms)],
      own ? [breaker(own), `${own.in_flight} in flight`] : [],
      [object && (cluster.suspect ? "breaker open" : "no breaker open")],
    ].forEach(([text, small], at) => {
      say(cells[at].lastChild, small || "");
      if (at !== 1) return say(cells[at].firstChild, text || "–");
      list(cells[at].firstChild, [text], () => make("span", {}, mark(text), ` ${text}`));
    });
    const promotion = object?.promotion;
    const isWriter = object?.writer === id;
    const plays = (part) => isUnderWay(promotion) && promotion[part] === id;
    [
      [true, cluster.draining ? "Undrain" : "Drain", "drain", { cluster: id, drain: !cluster.draining },
        isWriter && !cluster.draining && "It takes the writes. Drained, it gets none, and nobody else does."],
      [!isWriter && role !== "replica" && !cluster.fenced && !plays("target"), "Promote", "promote", { cluster: id },
        "The writer is fenced once it is certain that it does not answer, and this cluster takes its writes."],
      [cluster.fenced || plays("old_primary") || (!object?.writer && role === "primary"), "Readmit", "readmit", { cluster: id },
        "It gets traffic again. Where a promotion has fenced it and is not finished, it takes the writes again."],
    ].forEach(([isOffered, label, action, body, question], at) => {
      const button = buttons[at];
      button.hidden = !object || !isOffered;
      say(button, label);
      button.ariaLabel = `${label} ${id}`;
      button.onclick = () => (question ? confirm(`${label} ${id}? ${question}`, id, () => order(action, body)) : order(action, body));
    });
  }
}

/** Asks for the id of the cluster before something that is hard to take back. */
function confirm(question, id, then) {
  say($("question"), question);
  say($("word"), id);
  $("typed").value = "";
  $("ask").firstChild.onsubmit = (event) => {
    event.preventDefault();
    if ($("typed").value.trim() !== id) return $("typed").select();
    $("ask").close();
    then();
  };
  $("ask").showModal();
}

async function order(action, body) {
  say($("said"), "");
  try {
    const response = await fetch(BASE + action, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    const done = { promote: "is being promoted", readmit: "is readmitted", drain: body.drain ? "is drained" : "is drained no more" };
    say($("said"), response.ok ? `${body.cluster} ${done[action]}.` : `Refused: ${answer.detail}`);
    await refresh();
  } catch (error) {
    say($("said"), `No answer: ${error.message}`);
  }
}

let heard = Date.now();

async function refresh() {
  try {
    const response = await fetch(`${BASE}status?format=json`, { signal: AbortSignal.timeout(LATE_MS) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    show(await response.json());
    heard = Date.now();
    say($("asked"), `As of ${clock(heard)}, asked every ${span(PERIOD_MS)}`);
  } catch (error) {
    headline("bad", `the router has not answered this page since ${clock(heard)} (${error.message})`);
  }
}

let isRunning = false;

/** Not while nobody looks. */
async function run() {
  if (isRunning) return;
  isRunning = true;
  while (!document.hidden) {
    await refresh();
    await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
  }
  isRunning = false;
}

$("no").onclick = () => $("ask").close();
document.querySelector("thead tr").append(...COLUMNS.map((label) => make("th", { role: "columnheader" }, label)));
$("legend").append(...Object.keys(STATES).map((state) => make("span", {}, mark(state), ` ${state}`)));
document.addEventListener("visibilitychange", run);
run();
