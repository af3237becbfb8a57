// <headroom-calculator>: the calculator inside another page, in a frame that loads when it is about to be seen.
(() => {
  const NAME = "headroom-calculator";
  if (customElements.get(NAME)) return;

  // A module has no current script, but a trace names the file.
  const HERE = document.currentScript?.src ?? new Error().stack?.match(/https?:\/\/\S+(?=:\d+:\d+)/)?.[0];

  // What is no input: the element's own attributes, and those that any element may have.
  const OTHERS =
    /^(view|theme|src|accesskey|autofocus|class|dir|draggable|hidden|id|inert|is|lang|nonce|part|popover|role|slot|spellcheck|style|tabindex|title|translate)$|^(aria|data|item|ng|v|x)-|^on|[^a-z0-9-]/;

  // The frame runs what the same site already runs here as this script, so an origin of its own would protect nobody;
  // it would only ask every host of the site for CORS headers.  What is left out keeps the frame from leading the page
  // around it elsewhere and from opening dialogs over it.
  const SANDBOX =
    "allow-scripts allow-same-origin allow-forms allow-downloads allow-popups allow-popups-to-escape-sandbox";

  // No frame grows beyond this, whatever it says.
  const HIGHEST = 16384;

  const DARK = matchMedia("(prefers-color-scheme: dark)");

  // Neither markup nor an attribute, so that no host's policy has to allow it.
  const STYLES = new CSSStyleSheet();
  STYLES.replaceSync(
    ":host{display:block;position:relative;min-height:var(--headroom-min-height,32rem)}" +
      "[hidden],:host([hidden]){display:none}" +
      "iframe{display:block;width:100%;border:0;min-height:inherit}" +
      "iframe.waiting{position:absolute;inset:0;height:100%;visibility:hidden}",
  );

  class HeadroomCalculator extends HTMLElement {
    #frame;
    #link = document.createElement("a");
    #fallback = document.createElement("div");
    // Ends everything that was begun when the element came into the page.
    #stop;
    #base;
    #height = 0;
    #isReady = false;
    #told = "";

    constructor() {
      super();
      const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [STYLES];
      this.#link.target = "_blank";
      this.#link.rel = "noopener";
      this.#link.textContent = "Open this calculation in Headroom";
      this.#fallback.append(document.createElement("slot"), " ", this.#link);
      root.replaceChildren(this.#fallback);
    }

    connectedCallback() {
      this.#stop = new AbortController();
      const { signal } = this.#stop;
      this.#base = this.#site();
      const update = () => this.#update();
      // Pages change their colours by an attribute of their own on one of these two.
      const changes = new MutationObserver(() => {
        // Another site is another frame.
        if (this.#site().href !== this.#base.href) {
          this.disconnectedCallback();
          this.connectedCallback();
        } else {
          update();
        }
      });
      for (const element of [this, document.documentElement, document.body]) {
        changes.observe(element, { attributes: true });
      }
      DARK.addEventListener("change", update, { signal });
      addEventListener("message", (event) => this.#hear(event), { signal });
      const sight = new IntersectionObserver(
        (entries) => {
          if (entries.some((entry) => entry.isIntersecting)) {
            sight.disconnect();
            this.#load();
          }
        },
        { rootMargin: "400px" },
      );
      sight.observe(this);
      signal.addEventListener("abort", () => {
        changes.disconnect();
        sight.disconnect();
      });
      update();
    }

    disconnectedCallback() {
      this.#stop.abort();
      this.#frame?.remove();
      this.#frame = undefined;
      this.#height = 0;
      this.#told = "";
      this.#show(false);
    }

    // With this, a move that keeps frames alive is no reason to start anew.
    connectedMoveCallback() {}

    // Where the calculator is: what is no address counts as none.
    #site() {
      try {
        return new URL(".", new URL(this.getAttribute("src") ?? HERE, document.baseURI));
      } catch {
        return new URL(".", HERE);
      }
    }

    #theme() {
      const asked = this.getAttribute("theme");
      if (asked === "light" || asked === "dark") return asked;
      const { colorScheme } = getComputedStyle(this);
      const isDark = colorScheme.includes("dark");
      // Both, or nothing said: the reader's own choice.
      return (isDark === colorScheme.includes("light") ? DARK.matches : isDark) ? "dark" : "light";
    }

    #state() {
      let fragment = "#v=1";
      for (const { name, value } of this.attributes) {
        if (!OTHERS.test(name)) fragment += `&${name.replaceAll("-", "_")}=${encodeURIComponent(value)}`;
      }
      return { view: this.getAttribute("view") ?? "", theme: this.#theme(), fragment };
    }

    #address({ view, theme, fragment }, isFrame) {
      const address = new URL(this.#base);
      if (view) address.searchParams.set("view", view);
      if (isFrame) {
        address.searchParams.set("embed", "1");
        address.searchParams.set("theme", theme);
      }
      address.hash = fragment;
      return address.href;
    }

    #update() {
      const state = this.#state();
      const text = JSON.stringify(state);
      if (text === this.#told) return;
      this.#told = text;
      this.#link.href = this.#address(state);
      this.#tell(state);
    }

    #tell(state) {
      if (this.#isReady) {
        this.#frame.contentWindow.postMessage({ headroom: 1, type: "set", ...state }, this.#base.origin);
      }
    }

    #load() {
      const frame = document.createElement("iframe");
      const view = this.getAttribute("view");
      frame.title = this.title || (view ? `Headroom calculator: ${view}` : "Headroom calculator");
      frame.className = "waiting";
      frame.sandbox = SANDBOX;
      frame.allow = "clipboard-write";
      frame.referrerPolicy = "no-referrer";
      frame.src = this.#address(this.#state(), true);
      this.#frame = frame;
      this.shadowRoot.append(frame);
    }

    // Shows either the frame or the way to the page.
    #show(isReady) {
      this.#isReady = isReady;
      this.#fallback.hidden = isReady;
      this.#frame?.classList.toggle("waiting", !isReady);
    }

    #hear({ source, origin, data }) {
      const frame = this.#frame;
      if (!frame || source !== frame.contentWindow || origin !== this.#base.origin || data?.headroom !== 1) return;
      const { type } = data;
      if (type === "ready") {
        this.#show(true);
        this.#tell(this.#state());
      } else if (type === "failed") {
        this.#show(false);
        this.#link.hash = data.fragment;
      } else if (type === "height") {
        const height = Math.min(Math.ceil(data.height), HIGHEST);
        if (Math.abs(height - this.#height) >= 2) {
          this.#height = height;
          frame.style.height = `${height}px`;
        }
      } else if (type === "change") {
        const { scenario, plan } = data;
        const detail = { scenario, plan };
        this.dispatchEvent(new CustomEvent("headroom-change", { detail, bubbles: true, composed: true }));
      }
    }
  }

  customElements.define(NAME, HeadroomCalculator);
})();
