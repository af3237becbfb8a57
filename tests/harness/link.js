// What stands between one isolate and the health object: it passes everything on, until a test cuts it.
//
// Where the variable CUT is `yes`, it is cut from the start.
//
//   POST /cut     every call fails from now on
//   POST /mend    calls go through again

import { DurableObject, env } from "cloudflare:workers";

let isCut = env.CUT === "yes";

export class Link extends DurableObject {
  async fetch(request) {
    if (isCut) throw new Error("cut off by the test");
    return this.env.HEALTH.get(this.env.HEALTH.idFromName(this.ctx.id.name)).fetch(request);
  }
}

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname !== "/cut" && pathname !== "/mend") return new Response("no such order", { status: 404 });
    isCut = pathname === "/cut";
    return Response.json(isCut);
  },
};
