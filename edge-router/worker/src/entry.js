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

// How long the first request of an isolate waits to hear what the health object knows; and one that may be a write, where
// writes need to know.
const FIRST_NEWS_MS = 500;
const LEASE_NEWS_MS = 3_000;

// What has to be left of a lease for a write to begin: what would be ended on its way is not sent.
const LEAST_LEASE_MS = 250;

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
/** Whether it did not answer when it was asked last. */
let isSilent = false;
/** How often the module was started in this isolate. */
let epoch = 0;

export default {
  fetch(request, env, ctx) {
    const now = Date.now();
    // Also far ahead is long ago: the clock was set back.
    if (router === null || Math.abs(now - heardAt) > router.stale) return prepare(request, env, ctx, now);
    if (Math.abs(now - askedAt) > router.refresh) ctx.waitUntil(ask(env, now));
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
    if (router !== null) await hearSoon(request, env, ctx, now);
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
    // The state is gone: something trapped while it was held.
    if (Number.isNaN(decision)) return failed(new WebAssembly.RuntimeError("no state"));
    return forward(setup, request, url.slice(0, start), target, body, decision, now).catch(failed);
  } catch (error) {
    return failed(error);
  }
}

/** The answer when something here is wrong, which should not be. */
function failed(error) {
  console.error(JSON.stringify({ event: "internal-error", message: String(error) }));
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
  let attempt = null;
  // When the client goes away nothing here goes on but this.
  signal.addEventListener("abort", () => {
    attempt?.abort();
    try {
      if (decision >= 0) decision = rust.report(decision % TICKETS, CANCELLED, 0, Date.now());
    } catch (error) {
      restartAfter(error);
    }
  });
  let place = Math.floor(decision / TICKETS);
  const isWrite = (place & IS_WRITE) !== 0;
  if (isWrite && setup.lease > 0 && heardAt + setup.lease - started < LEAST_LEASE_MS) {
    rust.report(decision % TICKETS, CANCELLED, 0, started);
    return rust.problem("lease-over", false);
  }
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
  limit = Math.ceil(limit);
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
    let isLate = false;
    attempt = new AbortController();
    const end = () => {
      isLate = true;
      attempt.abort();
    };
    const timer = isWrite && setup.lease > 0 ? whileWriter(limit, setup, place & 255, end) : [setTimeout(end, limit)];
    try {
      const url = cluster.origin + target;
      const options = { headers, signal: attempt.signal, redirect: "manual", cache: "no-store" };
      // With these methods the platform passes a body on, but takes none from a script.
      response = await (isOdd ? fetch(new Request(url, request), options) : fetch(url, { method, body, ...options }));
      const { status } = response;
      // A worker can pass on no other.
      if (!(status >= 200 && status <= 599) && response.webSocket === null) throw new Error(`the status is ${status}`);
      ended = status;
      if (status >= 520 && status <= 530 && (await isOfNetwork(response))) ended += NETWORK;
    } catch (error) {
      response = null;
      // Where a body was on its way, it may have been the client who failed: that says nothing of the cluster.
      const isStreamed = body !== null && !(body instanceof ArrayBuffer);
      ended = signal.aborted || isStreamed ? CANCELLED : isLate ? TIMED_OUT : FAILED;
      if (!signal.aborted) log("upstream-error", error, cluster.id);
    }
    clearTimeout(timer[0]);
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
    const isTimeout = isLate || ended === NETWORK + 522 || ended === NETWORK + 524;
    const problem = rust.problem(isTimeout ? "upstream-timeout" : "upstream-failed", isWrite);
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
    const before = headers.get(HOP) ?? "0";
    const hops = /^[0-9]$/.test(before) ? Number(before) + 1 : Infinity;
    if (hops > MOST_HOPS) return null;
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
  const own = location === null ? null : below(location, cluster.origin);
  const remembers = isWrite && setup.reads_own_writes && status < 500;
  const foreign = ownNames(response.headers);
  if (!setup.exposes && own === null && !remembers && foreign === null) return response;

  // The headers of a fetched response cannot be changed; a response made from it has the same status text, duplicate
  // headers, encoded body and socket of an upgraded connection.
  const passed = new Response(response.body, response);
  const headers = passed.headers;
  if (foreign !== null) for (const name of foreign) headers.delete(name);
  if (setup.exposes) {
    headers.set(CLUSTER, cluster.id);
    headers.set(REASON, reason);
  }
  if (own !== null) headers.set("location", ownOrigin + own);
  if (remembers) {
    const age = Math.ceil(setup.reads_own_writes / 1000);
    const secure = ownOrigin.startsWith("https:") ? "; Secure" : "";
    headers.append("set-cookie", `${WROTE}${now.toString(36)}; Max-Age=${age}; Path=/; HttpOnly; SameSite=Lax${secure}`);
  }
  return passed;
}

/** The names among these that are for nobody behind the router, or the router's to set; null where there are none. */
function ownNames(headers) {
  let names = null;
  for (const name of headers.keys()) {
    if (name.startsWith(PREFIX) || OF_CONNECTION.has(name)) (names ??= []).push(name);
  }
  return names;
}

/** An address of this origin without it; null for any other. */
function below(location, origin) {
  if (location === origin) return "";
  try {
    const url = new URL(location);
    return url.origin === origin ? url.href.slice(origin.length) : null;
  } catch {
    return null; // relative, and so below the client's own address
  }
}

/** Ends a write when its time is over, or when its cluster may no longer be the one that takes writes. */
function whileWriter(limit, setup, cluster, end) {
  const until = Date.now() + limit;
  const timer = [0];
  const look = () => {
    const now = Date.now();
    const lease = heardAt + setup.lease - now;
    if (now >= until || lease <= 0 || !rust.may_write(cluster, now)) return end();
    timer[0] = setTimeout(look, Math.min(until - now, lease));
  };
  timer[0] = setTimeout(look, Math.max(1, Math.min(limit, heardAt + setup.lease - Date.now())));
  return timer;
}

/** Whether the network answered in the cluster's place. */
async function isOfNetwork(response) {
  const { status, headers } = response;
  // Only a removed Vault node answers 530 itself; what the network says of it is a short text.
  const text = status === 530 ? await beginning(response.clone(), 4096) : "";
  return rust.is_network_error(status, headers.get("content-type") ?? undefined, text);
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
  if (now - soughtAt < INVALID_FOR_MS) {
    const until = now + FIRST_NEWS_MS;
    while (router === null && isAsking && Date.now() < until) await sleep(20);
    return;
  }
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
async function hearSoon(request, env, ctx, now) {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const patience = router.lease > 0 && !isRead ? LEASE_NEWS_MS : FIRST_NEWS_MS;
  const until = now + patience;
  if (askedAt !== 0 && Math.abs(now - askedAt) < router.refresh) {
    // Another request asks, and only that may wait for the answer itself; or nobody answered a moment ago.
    while (isAsking && !isSilent && Date.now() < until) await sleep(20);
    return;
  }
  const asked = ask(env, now);
  ctx.waitUntil(asked);
  // Who did not answer before is not waited for again.
  if (!isSilent) await Promise.race([asked, sleep(patience)]);
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A line of the log. */
function log(event, error, cluster) {
  console.warn(JSON.stringify({ event, cluster, message: String(error) }));
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
    if (!rust.hear(news, now)) throw new Error("what the health object says is not understood, or older than what is known");
    heardAt = now;
    isSilent = false;
    if (env.ANALYTICS) record(env.ANALYTICS, body);
    return JSON.parse(news);
  } catch (error) {
    isSilent = true;
    log("health-object-unreachable", error);
    restartAfter(error);
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
    log("analytics", error);
  }
}
