// The worker's hot path.  Requests, responses, bodies and promises stay on this side of the boundary, as the platform's
// own objects; `rust.decide` says where a request goes, `rust.report` hears how that ended and says whether to try again.
// Both are plain calls with a text and numbers: a promise in Rust would cost more than all of the decision.

import { DurableObject } from "cloudflare:workers";
import * as rust from "./index.js";
import { askHealthObject, beginning } from "./platform.js";
import statusPage from "./status.json"; // which the build makes of status.html, status.css and status.js

const OWN = "/_headroom";
const PREFIX = "x-headroom-";
const HOP = "x-headroom-hop";
const CLUSTER = "x-headroom-cluster";
const REASON = "x-headroom-reason";
// Of the connection to the router, and left in place by the platform.
const OF_CONNECTION = new Set(["proxy-connection", "proxy-authorization", "http2-settings"]);
const WROTE = "headroom-wrote=";
const WROTE_AT = /(?:^|;) *headroom-wrote=([0-9a-z]{1,11}) *(?:;|$)/;

// Longest address that is taken, what the platform itself allows; most routers in a row.
const LONGEST_URL = 16 * 1024;
const MOST_HOPS = 4;

// Slowest upload that is waited for, in bytes a millisecond: a response begins only after the body has arrived.
const SLOWEST_UPLOAD = 64;

// How long the first request of an isolate waits to hear what the health object knows.
const FIRST_NEWS_MS = 500;

// How long an invalid configuration is believed to be so.
const INVALID_FOR_MS = 5_000;

// Most data points that one invocation may write.
const MOST_POINTS = 25;

// Of what `decide` returns: below this the ticket; above it, the cluster in eight bits, the reason in four, and these.
const TICKETS = 2 ** 32;
const IS_WRITE = 1 << 12;
const IS_REPEATABLE = 1 << 13;
const KEEP_BODY = 1 << 14;

// How an attempt ended, for `report`: the status, or one of these.
const FAILED = 0;
const TIMED_OUT = -1;
const CANCELLED = -2;
const NETWORK = 1000; // added to a status that the network answered in the cluster's place

/** What `rust.load` said of the configuration in force; null while there is none. */
let router = null;
/** When `router` was looked for last, where there is none. */
let soughtAt = 0;
/** When the health object was asked last, and when it answered last. */
let askedAt = 0;
let heardAt = 0;
let isAsking = false;
/** How often the module was started in this isolate. */
let epoch = 0;

export default {
  fetch(request, env, ctx) {
    const now = Date.now();
    if (router === null || now - heardAt > router.stale) return prepare(request, env, ctx, now);
    if (now - askedAt > router.refresh) ctx.waitUntil(ask(env, now));
    return route(request, env, now);
  },

  scheduled(event, env) {
    return rust.watch(env);
  },
};

/** The Rust object of the same name, made anew when the module was. */
export class HealthObject extends DurableObject {
  #object = null;
  #epoch = -1;

  #current() {
    if (this.#epoch !== epoch) {
      this.#object = new rust.HealthObject(this.ctx.storage, this.env);
      this.#epoch = epoch;
    }
    return this.#object;
  }

  async fetch(request) {
    try {
      const body = await request.text();
      return await this.#current().fetch(new URL(request.url).pathname, body);
    } catch (error) {
      restartAfter(error);
      throw error;
    }
  }

  async alarm() {
    try {
      return await this.#current().alarm();
    } catch (error) {
      restartAfter(error);
      throw error;
    }
  }
}

/** A trap leaves the module in no state to go on: it starts anew, and what this isolate knew is lost. */
function restartAfter(error) {
  if (!(error instanceof WebAssembly.RuntimeError)) return;
  rust.__wbg_reset_state();
  epoch += 1;
  router = null;
  soughtAt = askedAt = heardAt = 0;
}

/** The first request of an isolate, or of one that has heard nothing for long. */
async function prepare(request, env, ctx, now) {
  try {
    // Whoever may ask whether this is alive may cause no work by it.
    if (new URL(request.url).pathname === `${OWN}/healthz`) return route(request, env, now);
    if (router === null) await open(env, now);
    if (router !== null) await hearSoon(env, ctx, now);
  } catch (error) {
    return failed(error);
  }
  return route(request, env, Date.now());
}

/** Answers a request, or promises to: what needs no waiting waits for nothing. */
function route(request, env, now) {
  try {
    const url = request.url;
    if (url.length > LONGEST_URL) return rust.problem("uri-too-long");
    const start = url.indexOf("/", url.indexOf("://") + 3);
    const end = url.indexOf("#", start);
    const target = end < 0 ? url.slice(start) : url.slice(start, end);
    const query = target.indexOf("?");
    const path = query < 0 ? target : target.slice(0, query);
    if (path.startsWith(OWN) && (path.length === OWN.length || path[OWN.length] === "/")) {
      return rust.own(request, env, path, statusPage.html, statusPage.policy).catch(failed);
    }
    const setup = router;
    if (setup === null) return rust.problem("invalid-configuration");
    let body = request.body;
    // A body of no length is none: it could be sent with POST, but not with GET.
    if (body !== null && request.headers.get("content-length") === "0") body = null;
    const decision = rust.decide(facts(setup, request, path, body), body !== null, now);
    if (decision < 0) return rust.refusal(decision);
    return forward(setup, request, url.slice(0, start), target, body, decision, now).catch(failed);
  } catch (error) {
    return failed(error);
  }
}

/** The answer when something here is wrong, which should not be. */
function failed(error) {
  console.error(JSON.stringify({ event: "internal-error", error: String(error) }));
  restartAfter(error);
  return rust.problem("internal-error");
}

/** What the decision needs to know, in one text: every text that passes the boundary costs as much as a short one. */
function facts(setup, request, path, body) {
  const { method, headers, cf } = request;
  let text = `${method}\n${path}\n`;
  text += cf ? `${cf.latitude ?? ""}\n${cf.longitude ?? ""}\n${cf.colo ?? ""}\n${cf.country ?? ""}\n${cf.continent ?? ""}` : "\n\n\n\n";
  text += `\n${body === null || isBodiless(method) ? "" : (headers.get("content-length") ?? "")}`;
  if (setup.reads_own_writes) {
    const wrote = WROTE_AT.exec(headers.get("cookie") ?? "");
    text += `\n${wrote?.[1] ?? ""}\n${headers.get("x-vault-token") ?? headers.get("authorization") ?? ""}`;
  }
  return text;
}

async function forward(setup, request, ownOrigin, target, body, decision, started) {
  const { method, signal } = request;
  // When the client goes away nothing here goes on but this.
  signal.addEventListener("abort", () => {
    if (decision >= 0) decision = rust.report(decision % TICKETS, CANCELLED, 0, Date.now());
  });
  let place = Math.floor(decision / TICKETS);
  const isWrite = (place & IS_WRITE) !== 0;
  let limit = (place & IS_REPEATABLE) !== 0 ? setup.attempt_timeout : setup.timeout;
  if ((place & KEEP_BODY) !== 0) {
    body = await within(setup.timeout, request.arrayBuffer()).catch(() => null);
    if (body === null) {
      // The client ended it before it had sent all of it, or sends it too slowly.
      rust.report(decision % TICKETS, CANCELLED, 0, started);
      return rust.problem("bad-request");
    }
    started = Date.now();
  } else if (body !== null) {
    limit += uploadTime(setup, request.headers);
  }
  const isOdd = body !== null && isBodiless(method);
  for (;;) {
    const cluster = setup.clusters[place & 255];
    const headers = outgoing(request.headers, cluster, ownOrigin, body !== null);
    if (headers === null) {
      rust.report(decision % TICKETS, CANCELLED, 0, started);
      return rust.problem("loop-detected");
    }
    let ended = FAILED;
    let response = null;
    let sent = null;
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, limit, null);
    });
    try {
      const url = cluster.origin + target;
      const options = { headers, signal, redirect: "manual", cache: "no-store" };
      // With these methods the platform passes a body on, but takes none from a script.
      sent = isOdd ? fetch(new Request(url, request), options) : fetch(url, { method, body, ...options });
      response = await Promise.race([sent, late]);
      if (response === null) {
        ended = TIMED_OUT;
        // Should it come after all, nobody waits for it any more.
        sent.then((late) => late.body?.cancel()).catch(() => {});
      } else {
        const { status } = response;
        // A worker can pass on no other.
        if (!(status >= 200 && status <= 599) && response.webSocket === null) throw new Error(`the status is ${status}`);
        ended = status;
        if (ended >= 520 && ended <= 530) {
          if (await isOfNetwork(response, late)) ended += NETWORK;
        }
      }
    } catch (error) {
      if (signal.aborted) ended = CANCELLED;
      else console.warn(JSON.stringify({ event: "upstream-error", cluster: cluster.id, error: String(error) }));
    }
    clearTimeout(timer);
    const now = Date.now();
    decision = rust.report(decision % TICKETS, ended, now - started, now);
    const reason = setup.reasons[(place >> 8) & 15];
    if (decision >= 0) {
      // Whatever it still sends is of no use.
      response?.body?.cancel().catch(() => {});
      place = Math.floor(decision / TICKETS);
      started = now;
      continue;
    }
    if (ended > 0 && ended < NETWORK) return passOn(setup, response, cluster, reason, ownOrigin, isWrite, now);
    const isLate = ended === TIMED_OUT || ended === NETWORK + 522 || ended === NETWORK + 524;
    const problem = rust.problem(isLate ? "upstream-timeout" : "upstream-failed", isWrite);
    if (setup.exposes) {
      problem.headers.set(CLUSTER, cluster.id);
      problem.headers.set(REASON, reason);
    }
    return problem;
  }
}

/** The headers of a request to a cluster: the client's own where nothing has to change; null where it goes in a circle. */
function outgoing(headers, cluster, ownOrigin, hasBody) {
  if (cluster.origin === ownOrigin) return null;
  const foreign = ownNames(headers);
  // Only what another worker sends can be on its way round: the platform marks it.
  const isFromWorker = foreign?.includes(HOP) || headers.has("cf-worker");
  // The body is on its way already; a cluster that asked for it would be taken to have answered.
  const expects = hasBody && headers.has("expect");
  if (!isFromWorker && !expects && foreign === null && cluster.headers.length === 0) return headers;
  const own = new Headers(headers);
  if (expects) own.delete("expect");
  if (foreign !== null) for (const name of foreign) own.delete(name);
  if (isFromWorker) {
    const hops = Number(headers.get(HOP) ?? 0) + 1;
    if (!(hops <= MOST_HOPS)) return null;
    if (headers.has("cf-worker") || hops > 1) own.set(HOP, `${hops}`);
  }
  for (const [name, value] of cluster.headers) own.set(name, value);
  return own;
}

/** Whether a script may not give a request of this method a body. */
function isBodiless(method) {
  return method === "GET" || method === "HEAD";
}

function uploadTime(setup, headers) {
  const length = Number(headers.get("content-length") ?? NaN);
  return length >= 0 ? Math.min(length / SLOWEST_UPLOAD, setup.longest_upload) : setup.longest_upload;
}

/** The cluster's response with the router's own headers, and with nobody else's in their place. */
function passOn(setup, response, cluster, reason, ownOrigin, isWrite, now) {
  const status = response.status;
  const location = status === 201 || (status >= 300 && status < 400) ? response.headers.get("location") : null;
  const isOwn = location !== null && isBelow(location, cluster.origin);
  const remembers = isWrite && setup.reads_own_writes && status < 500;
  const foreign = ownNames(response.headers);
  if (!setup.exposes && !isOwn && !remembers && foreign === null) return response;

  // The headers of a fetched response cannot be changed; a response made from it has the same status text, duplicate
  // headers, encoded body and socket of an upgraded connection.
  const own = new Response(response.body, response);
  const headers = own.headers;
  if (foreign !== null) for (const name of foreign) headers.delete(name);
  if (setup.exposes) {
    headers.set(CLUSTER, cluster.id);
    headers.set(REASON, reason);
  }
  if (isOwn) headers.set("location", ownOrigin + location.slice(cluster.origin.length));
  if (remembers) {
    const age = Math.ceil(setup.reads_own_writes / 1000);
    const secure = ownOrigin.startsWith("https:") ? "; Secure" : "";
    headers.append("set-cookie", `${WROTE}${now.toString(36)}; Max-Age=${age}; Path=/; HttpOnly; SameSite=Lax${secure}`);
  }
  return own;
}

/** The names among these that are for nobody behind the router, or the router's to set; null where there are none. */
function ownNames(headers) {
  let names = null;
  for (const name of headers.keys()) {
    if (name.startsWith(PREFIX) || OF_CONNECTION.has(name)) (names ??= []).push(name);
  }
  return names;
}

/** Whether an address is at this origin. */
function isBelow(location, origin) {
  return location.startsWith(origin) && (location.length === origin.length || "/?#".includes(location[origin.length]));
}

/** Whether the network answered in the cluster's place. */
async function isOfNetwork(response, late) {
  const { status, headers } = response;
  // Only a removed Vault node answers 530 itself; what the network says of it is a short text.
  const text = status === 530 ? await Promise.race([beginning(response.clone(), 4096), late]) : "";
  return rust.is_network_error(status, headers.get("content-type") ?? undefined, text ?? "");
}

/** What was promised, if it comes in time; else null. */
function within(milliseconds, promised) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds, null);
  });
  return Promise.race([promised, late]).finally(() => clearTimeout(timer));
}

/** Reads the configuration; where it is invalid, the last valid one that the health object keeps. */
async function open(env, now) {
  if (now - soughtAt < INVALID_FOR_MS) return;
  soughtAt = now;
  let setup = rust.load(env, undefined);
  if (setup === undefined) {
    const news = await ask(env, now);
    if (news?.topology) setup = rust.load(env, news.topology);
    // What it said of the clusters had nobody to hear it: asked again, before the first request is decided.
    askedAt = heardAt = 0;
  }
  if (setup !== undefined) router = JSON.parse(setup);
}

/** Waits a moment for what the health object knows; goes on without where that takes longer. */
async function hearSoon(env, ctx, now) {
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  if (askedAt !== 0 && now - askedAt < router.refresh) {
    // Another request asks, and only that may wait for the answer itself; or nobody answered a moment ago.
    while (isAsking && Date.now() - askedAt < FIRST_NEWS_MS) await sleep(20);
    return;
  }
  const asked = ask(env, now);
  ctx.waitUntil(asked);
  await Promise.race([asked, sleep(FIRST_NEWS_MS)]);
}

/** Tells the health object what happened here, and hears what it knows. */
async function ask(env, now) {
  if (!env.HEALTH) {
    askedAt = heardAt = Infinity;
    return null;
  }
  askedAt = now;
  isAsking = true;
  const body = rust.tell(now);
  try {
    const [status, news] = await askHealthObject(env, "/sync", body);
    if (status !== 200) throw new Error(`the health object answered ${status}`);
    rust.hear(news, now);
    heardAt = now;
    if (env.ANALYTICS) record(env.ANALYTICS, body);
    return JSON.parse(news);
  } catch (error) {
    console.warn(JSON.stringify({ event: "health-object-unreachable", message: String(error) }));
    rust.untell(body);
    return null;
  } finally {
    isAsking = false;
  }
}

/** Writes what was told to a dataset of Analytics Engine, as much of it as one invocation may. */
function record(dataset, told) {
  try {
    for (const point of JSON.parse(rust.data_points(told)).slice(0, MOST_POINTS)) dataset.writeDataPoint(point);
  } catch (error) {
    console.warn(JSON.stringify({ event: "analytics", error: String(error) }));
  }
}
