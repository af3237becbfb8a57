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
  standby: ["idle", "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0"],
  down: ["bad", "M-7-4L-4-7 0-3 4-7 7-4 3 0 7 4 4 7 0 3-4 7-7 4-3 0Z"],
  fenced: ["bad", "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0M-5-2H5V2H-5Z"],
  "not known": ["idle", "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0"],
};

const TONES = { ok: ["OK", "serves reads"], warn: ["Warning", "lagging"], bad: ["Critical", "down"] };

const COLUMNS = ["Cluster", "State", "Role", "It says it is", "Last probe", "Lag", "In this isolate", "Elsewhere", "Do"];

const $ = (id) => document.getElementById(id);
let held = false;

function make(tag, ...children) {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
}

function mark(state) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.append(document.createElementNS(svg.namespaceURI, "path"));
  svg.setAttribute("viewBox", "-8 -8 16 16");
  svg.setAttribute("aria-hidden", "true");
  shape(svg, state);
  return svg;
}

function shape(svg, state) {
  const [tone, outline] = STATES[state];
  svg.setAttribute("class", `mark ${tone}`);
  svg.firstChild.setAttribute("d", outline);
}

/** Says it only where it is new: what is read aloud or selected is left alone. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const drawn = new WeakMap();
/** Makes the children of an element anew where what they show has changed. */
function list(element, items, child) {
  const key = JSON.stringify(items);
  if (drawn.get(element) === key) return;
  drawn.set(element, key);
  element.replaceChildren(...items.map(child));
}

function span(ms) {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`;
}

/** For people, for whom less than a second is now. */
function ago(ms) {
  return ms < 1_000 ? "now" : `${span(ms)} ago`;
}

function clock(at) {
  const date = new Date(at);
  return Date.now() - at < 72_000_000 ? date.toLocaleTimeString() : date.toLocaleString();
}

function time(at) {
  const element = make("time", clock(at));
  element.dateTime = element.title = new Date(at).toISOString();
  return element;
}

/** What a cluster is, the worst of it. */
function stateOf(cluster, own, limit) {
  if (!("up" in cluster)) return own.breaker === "closed" ? "not known" : "breaker open";
  if (cluster.fenced) return "fenced";
  if (!cluster.up) return "down";
  if (cluster.effective_role === "standby") return "standby";
  if (cluster.draining) return "draining";
  if (cluster.suspect || (own && own.breaker !== "closed")) return "breaker open";
  if (cluster.effective_role === "writer") return "takes writes";
  return cluster.lag_ms > limit ? "lagging" : "serves reads";
}

function breaker(own) {
  const { breaker } = own;
  if (breaker === "closed") return "breaker closed";
  if ("open_until" in breaker) return `breaker open until ${clock(breaker.open_until)}`;
  return `breaker half-open, ${breaker.half_open} free`;
}

/** What is not as it should be, each with its tone. */
function problems({ object, isolate }, clusters, now) {
  const found = [];
  const bad = (text) => found.push(["bad", text]);
  const warn = (text) => found.push(["warn", text]);
  if (!isolate) bad("This isolate has no valid configuration: it answers 500 to every request.");
  if (isolate?.lease_over) {
    bad("The lease of this isolate is over: it refuses writes with 503 until it hears from the health object.");
  }
  if (!object) {
    const lease = isolate?.lease_ms && !isolate.lease_over ? ` Writes end when what this isolate knows is ${span(isolate.lease_ms)} old.` : "";
    bad(`The health object does not answer. Reads go on without it; drain, promote and readmit do not.${lease}`);
    return found;
  }
  if (object.no_writer) bad(`Nobody takes writes: ${object.no_writer}.`);
  if (!object.topology.is_current) {
    warn(["The topology deployed last is invalid, and the last valid one stays in force:", ...object.topology.errors].join("\n"));
  }
  for (const { id, own, ...cluster } of clusters) {
    if (cluster.fenced) warn(`${id} is fenced: it gets nothing until it is readmitted.`);
    if (!cluster.up) {
      const isWriter = id === object.writer;
      const last = cluster.last_probe ? `: ${cluster.last_probe.words}` : "";
      (isWriter ? bad : warn)(`${id}${isWriter ? ", which takes the writes," : ""} is down since ${clock(cluster.since)}${last}.`);
    }
    if (cluster.draining) warn(`${id} is drained: it gets nothing new.`);
    if (own && own.breaker !== "closed") warn(`${id}: ${breaker(own)} in this isolate.`);
    if (cluster.suspect) warn(`${id}: some isolate has its circuit breaker open.`);
    if (cluster.state === "lagging") warn(`${id} lags ${span(cluster.lag_ms)}, more than ${span(isolate.max_lag_ms)}: reads go elsewhere.`);
    if (cluster.effective_role === "standby" && cluster.role !== "standby") {
      warn(`${id} answers as a disaster recovery secondary: it gets nothing, although it is the ${cluster.role} of the topology.`);
    }
    if (cluster.former_cluster_id) warn(`${id} is another cluster than before: its cluster id was ${cluster.former_cluster_id}.`);
  }
  for (const { id, since } of object.fences) {
    if (!clusters.some((cluster) => cluster.id === id)) warn(`${id}, which the topology does not name, is fenced since ${clock(since)}.`);
  }
  const probed = Math.max(...clusters.map((cluster) => cluster.last_probe?.at ?? 0));
  if (probed > 0 && now - probed > 60_000) bad(`Nothing was probed for ${span(now - probed)}: the alarm of the health object is late.`);
  return found;
}

function snapshot(isolate) {
  const age = isolate?.snapshot_age_ms;
  return age == null ? "It has heard nothing from the health object yet." : `What it knows from the health object is ${span(age)} old.`;
}

function isUnderWay(promotion) {
  return ["checking", "fenced", "target-check"].includes(promotion?.state);
}

function stage(promotion, now) {
  const { old_primary: old, target } = promotion;
  const wait = (at) => `in ${span(Math.max(0, at - now))}`;
  switch (promotion.state) {
    case "checking":
      return `Making sure that ${old} is gone: silent at ${promotion.done} checks, the next ${wait(promotion.next_at)}. It still takes writes.`;
    case "fenced":
      return `${old} is fenced and nobody takes writes. The lease ends ${wait(promotion.until)}; then ${target} is asked.`;
    case "target-check":
      return `${old} is fenced and nobody takes writes. Does ${target} take them?`;
    case "active":
      return `${target} takes writes since ${clock(promotion.since)}.`;
    case "refused":
      return `Refused: ${promotion.why}.${promotion.fenced ? ` ${old} stays fenced.` : ""}`;
    default:
      return `Called off: ${promotion.why}.`;
  }
}

function draw(status) {
  const { object, isolate } = status;
  const now = object?.at ?? Date.now();
  const owns = new Map(isolate?.clusters.map((own) => [own.id, own]));
  const clusters = (object?.clusters ?? isolate?.clusters ?? []).map((cluster) => {
    const own = owns.get(cluster.id);
    // `state` is here what the table calls it, `says` the cluster's own word.
    return { ...cluster, own, says: cluster.state, state: stateOf(cluster, own, isolate?.max_lag_ms ?? Infinity) };
  });
  const found = problems(status, clusters, now);
  banner(object, clusters, found);
  list($("problems"), found.length ? found : [["ok", "Nothing."]], ([tone, text]) => {
    return make("li", mark(TONES[tone][1]), make("span", text));
  });
  $("promotion").hidden = !object?.promotion;
  if (object?.promotion) {
    const { promotion } = object;
    say($("t-promotion"), `Promotion of ${promotion.target} in place of ${promotion.old_primary}`);
    say($("stage"), stage(promotion, now));
    list($("steps"), promotion.steps, ({ at, words }) => make("li", time(at), make("span", words)));
  }
  say($("isolate"), isolate ? `${snapshot(isolate)} ${isolate.in_flight} requests in flight.` : "No valid configuration.");
  map(clusters);
  table(clusters, object, now);
  list($("events"), object?.events ?? [], ({ at, words }) => {
    const age = make("small");
    age.dataset.at = at;
    const when = time(at);
    when.append(" ", age);
    return make("li", when, words);
  });
  for (const age of document.querySelectorAll("[data-at]")) say(age, ago(now - age.dataset.at));
}

function banner(object, clusters, found) {
  const down = clusters.filter((cluster) => cluster.state === "down").map((cluster) => cluster.id);
  const writer = object?.writer;
  let words = "The health object does not answer";
  if (object) {
    words = writer ? `${writer} takes writes${down.includes(writer) ? ", but is down" : ""}` : "Nobody takes writes";
    if (isUnderWay(object.promotion)) words += `; the promotion of ${object.promotion.target} is under way`;
    const others = down.filter((id) => id !== writer);
    if (others.length) words += `; ${others.join(", ")} ${others.length > 1 ? "are" : "is"} down`;
    if (!object.topology.is_current) words += "; the topology deployed last is invalid";
  }
  const tone = found.some(([tone]) => tone === "bad") ? "bad" : found.length ? "warn" : "ok";
  headline(tone, words);
}

function headline(tone, words) {
  const [level, state] = TONES[tone];
  $("banner").className = tone;
  shape($("banner").firstChild, state);
  say($("headline"), `${level}: ${words}.`);
  document.title = `${level}: ${words}`;
}

function map(clusters) {
  const shown = clusters.filter(({ own }) => own).map(({ id, own, state }) => ({ id, state, x: own.longitude + 180, y: 90 - own.latitude }));
  const placed = shown.map(({ x, y }) => ({ x, line: y + 4, from: x - 8, to: x + 8 }));
  list($("marks"), shown, ({ id, state, x, y }) => {
    const svg = (tag, attributes) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      return element;
    };
    const [tone, d] = STATES[state];
    // A label that would lie on another one, or on a mark, moves below it.
    const right = x > 250;
    const [from, to] = right ? [x - 12 - 7 * id.length, x] : [x, x + 12 + 7 * id.length];
    let line = y + 4;
    while (placed.some((other) => Math.abs(other.line - line) < 12 && other.from < to && from < other.to && other.x !== x)) line += 4;
    placed.push({ x, line, from, to });
    const text = svg("text", { x: right ? x - 10 : x + 10, y: line, "text-anchor": right ? "end" : "start" });
    text.append(id);
    const group = svg("g", { class: tone });
    group.append(svg("path", { d, transform: `translate(${x} ${y})` }), text);
    return group;
  });
}

const rows = new Map();

/** A row, whose texts and buttons change and stay the same elements. */
function row(id) {
  const texts = COLUMNS.map((label, at) => {
    const cell = make(at ? "td" : "th", make("span"), make("small"));
    cell.setAttribute("role", at ? "cell" : "rowheader");
    if (at) cell.dataset.label = label;
    return cell;
  });
  const icon = mark("not known");
  texts[1].firstChild.append(icon, " ", make("span"));
  const button = (name) => {
    const button = make("button");
    texts[8].firstChild.append(button);
    button.onclick = () => rows.get(id).orders[name]();
    return button;
  };
  const element = make("tr", ...texts);
  element.setAttribute("role", "row");
  element.id = `cluster-${id}`;
  return { element, texts, icon, buttons: { drain: button("drain"), promote: button("promote"), readmit: button("readmit") } };
}

function table(clusters, object, now) {
  for (const [id, { element }] of rows) {
    if (!clusters.some((cluster) => cluster.id === id)) {
      element.remove();
      rows.delete(id);
    }
  }
  for (const cluster of clusters) {
    const { id, own, last_probe: probe } = cluster;
    if (!rows.has(id)) {
      rows.set(id, row(id));
      $("clusters").append(rows.get(id).element);
    }
    const { texts, icon, buttons } = rows.get(id);
    const isKnown = "up" in cluster;
    const cell = (at, text, small = "") => {
      say(at === 1 ? texts[at].firstChild.lastChild : texts[at].firstChild, text);
      say(texts[at].lastChild, small);
    };
    shape(icon, cluster.state);
    cell(0, id, cluster.cluster_id ?? "");
    const failures = cluster.consecutive_failures ? `, ${cluster.consecutive_failures} failed probes` : "";
    const drained = cluster.draining ? ", drained" : "";
    cell(1, cluster.state, isKnown ? `${cluster.up ? "up" : "down"} since ${clock(cluster.since)}${failures}${drained}` : "");
    const effective = { writer: "takes writes", replica: "serves reads" }[cluster.effective_role] ?? cluster.effective_role;
    cell(2, cluster.role ?? "–", isKnown && effective !== cluster.role ? effective : "");
    cell(3, cluster.says?.replaceAll("-", " ") ?? "–");
    cell(4, probe ? `${probe.status ?? "no answer"} in ${span(probe.took)}` : "–", probe ? ago(now - probe.at) : "");
    cell(5, cluster.lag_ms == null ? "–" : span(cluster.lag_ms));
    cell(6, own ? breaker(own) : "–", own ? `${own.in_flight} in flight` : "");
    cell(7, isKnown ? (cluster.suspect ? "breaker open" : "no breaker open") : "–");
    const label = (name, word) => {
      say(buttons[name], word);
      buttons[name].setAttribute("aria-label", `${word} ${id}`);
    };
    label("drain", cluster.draining ? "Undrain" : "Drain");
    label("promote", "Promote");
    label("readmit", "Readmit");
    const promotion = object?.promotion;
    const isWriter = object?.writer === id;
    const mayReadmit = cluster.fenced || (isUnderWay(promotion) && promotion.old_primary === id) || (object && !object.writer && cluster.role === "primary");
    buttons.drain.hidden = !isKnown;
    const isTarget = isUnderWay(promotion) && promotion.target === id;
    buttons.promote.hidden = !isKnown || isWriter || isTarget || cluster.role === "replica" || cluster.fenced;
    buttons.readmit.hidden = !mayReadmit;
    rows.get(id).orders = {
      drain: () => {
        const body = { cluster: id, drain: !cluster.draining };
        if (isWriter && body.drain) confirm(`${id} takes the writes. Drained, it gets none, and nobody else does.`, id, () => order("drain", body));
        else order("drain", body);
      },
      promote: () => confirm(`Promote ${id}: the writer is fenced once it is certain that it does not answer, and ${id} takes its writes.`, id, () => order("promote", { cluster: id })),
      readmit: () => confirm(`Readmit ${id}: it gets traffic again. Where a promotion has fenced it and is not finished, it takes the writes again.`, id, () => order("readmit", { cluster: id })),
    };
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
$("no").onclick = () => $("ask").close();

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
    say($("said"), response.ok ? `${body.cluster} ${done[action]}.` : `Refused: ${answer.error ?? answer.detail}`);
    if (response.ok) await refresh();
  } catch (error) {
    say($("said"), `No answer: ${error.message}`);
  }
}

let heard = Date.now();

async function refresh() {
  try {
    const response = await fetch(`${BASE}status?format=json`, { signal: AbortSignal.timeout(LATE_MS) });
    if (!response.ok) throw new Error(response.status === 401 ? "the admin token is not accepted any more" : `status ${response.status}`);
    draw(await response.json());
    heard = Date.now();
    say($("asked"), `As of ${clock(heard)}, asked every ${span(PERIOD_MS)}`);
  } catch (error) {
    say($("asked"), `As of ${clock(heard)}`);
    headline("bad", `The router has not answered this page since ${clock(heard)} (${error.message})`);
  }
}

/** Not while nobody looks. */
async function run() {
  if (held) return;
  held = true;
  while (!document.hidden) {
    await refresh();
    await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
  }
  held = false;
}

for (const label of COLUMNS) {
  const heading = make("th", label);
  heading.setAttribute("role", "columnheader");
  document.querySelector("thead tr").append(heading);
}
$("legend").append(...Object.keys(STATES).map((state) => make("span", mark(state), ` ${state}`)));
document.addEventListener("visibilitychange", run);
run();
