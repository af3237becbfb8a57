// A worker of a few lines with a health object, for the tests of the harness itself.

import { DurableObject } from "cloudflare:workers";

// How many requests this isolate has had.
let requests = 0;

export class HealthObject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.starts = ctx.storage.kv.get("starts") ?? 0;
    ctx.storage.kv.put("starts", ++this.starts);
  }
  async fetch() {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + 100);
    const calls = (this.ctx.storage.kv.get("calls") ?? 0) + 1;
    this.ctx.storage.kv.put("calls", calls);
    return Response.json({ starts: this.starts, calls, alarms: this.ctx.storage.kv.get("alarms") ?? 0 });
  }
  async alarm() {
    await this.ctx.storage.setAlarm(Date.now() + 100);
    this.ctx.storage.kv.put("alarms", (this.ctx.storage.kv.get("alarms") ?? 0) + 1);
  }
}

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/_headroom/healthz") return new Response("ok\n");
    requests += 1;
    try {
      const object = await env.HEALTH.get(env.HEALTH.idFromName("health")).fetch("http://object/");
      return Response.json({ requests, greeting: env.GREETING, object: await object.json() });
    } catch (error) {
      return Response.json({ requests, greeting: env.GREETING, error: error.message });
    }
  },
  async scheduled() {
    console.log("the cron handler was called");
  },
};
