// The health object in the hands of a test: the worker's own class, with ways to lose its alarm and to restart it, and
// a way to call the worker's cron handler.
//
//   GET /alarm          when the next alarm is, in milliseconds since 1970, or null
//   PUT /alarm          sets it to the number in the body
//   DELETE /alarm       takes it away
//   POST /restart       ends the object; the next request starts it anew, with what it stored
//   POST /cron          calls the worker's cron handler

import { DurableObject } from "cloudflare:workers";
import { HealthObject as Real } from "./worker/index.js";

// The object that was started last; there is one only.
let id;

export class HealthObject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    id = ctx.id;
    this.real = new Real(ctx, env);
  }
  fetch(request) {
    return this.real.fetch(request);
  }
  alarm(info) {
    return this.real.alarm(info);
  }
  getAlarm() {
    return this.ctx.storage.getAlarm();
  }
  setAlarm(time) {
    return this.ctx.storage.setAlarm(time);
  }
  deleteAlarm() {
    return this.ctx.storage.deleteAlarm();
  }
  restart() {
    this.ctx.abort("restarted by the test");
  }
}

export default {
  async fetch(request, env) {
    const order = `${request.method} ${new URL(request.url).pathname}`;
    if (order === "POST /cron") {
      const { outcome } = await env.ROUTER.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
      return Response.json(outcome);
    }
    if (id === undefined) return new Response("the object was never started", { status: 409 });
    const object = env.HEALTH.get(env.HEALTH.idFromString(id.toString()));
    switch (order) {
      case "GET /alarm":
        return Response.json(await object.getAlarm());
      case "PUT /alarm":
        return Response.json((await object.setAlarm(Number(await request.text()))) ?? null);
      case "DELETE /alarm":
        return Response.json((await object.deleteAlarm()) ?? null);
      case "POST /restart":
        // It ends in the middle of the call.
        await object.restart().catch(() => {});
        return Response.json(null);
    }
    return new Response(`no such order: ${order}`, { status: 404 });
  },
};
