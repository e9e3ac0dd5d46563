// The answer to a query, put where the page has it. The server makes it as for a page of its own: what a catalogue
// says becomes markup there, and nowhere else.

const LONGEST_ADDRESS = 8000;
const RAW = 200_000;

export class Outcome {
  constructor(form, words, say) {
    this.form = form;
    this.words = words;
    this.say = say;
    this.button = form.querySelector("button[type=submit]");
    this.abort = null;
    this.raw(document.getElementById("outcome"));
  }

  get running() {
    return this.abort !== null;
  }

  address(query) {
    return `${this.form.action}?${new URLSearchParams({ query })}`;
  }

  stop() {
    this.abort?.abort();
  }

  async ask(query, { remember = true } = {}) {
    this.stop();
    const abort = (this.abort = new AbortController());
    this.busy(true);
    const begun = performance.now();
    try {
      const { response, address } = await this.send(query, abort.signal);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (this.abort !== abort) return;
      if (remember && address) history.pushState(null, "", address);
      this.show(page, (performance.now() - begun) / 1000, response.ok);
    } catch (error) {
      if (this.abort !== abort) return;
      this.say(error.name === "AbortError" ? this.words.stopped : this.words.unreachable);
    } finally {
      if (this.abort === abort) {
        this.abort = null;
        this.busy(false);
      }
    }
  }

  // By its address if that is not too long for what is on the way, else as a form.
  async send(query, signal) {
    const address = this.address(query);
    const headers = { Accept: "text/html" };
    if (address.length <= LONGEST_ADDRESS) {
      return { response: await fetch(address, { headers, signal }), address };
    }
    const body = new URLSearchParams({ query });
    return { response: await fetch(this.form.action, { method: "POST", body, headers, signal }), address: "" };
  }

  show(page, seconds, fine) {
    const found = page.getElementById("outcome") ?? page.querySelector(".alert");
    const place = document.getElementById("outcome");
    place.replaceChildren(...(found ? [document.importNode(found, true)] : []).flatMap(contents));
    const headline = place.querySelector("h2")?.textContent ?? "";
    const time = new Intl.NumberFormat(this.words.language, { maximumFractionDigits: 2 }).format(seconds);
    this.say(fine ? `${headline} · ${time} s` : this.words.failed);
    this.raw(place);
  }

  busy(yes) {
    this.button.textContent = yes ? this.words.stop : this.words.run;
    this.form.classList.toggle("busy", yes);
    if (yes) this.say(this.words.running);
  }

  // What programs get, for who wants to see it as it is: asked for when it is opened.
  raw(place) {
    const link = place.querySelector(".downloads a[type*=json], .downloads a[type*=turtle]");
    if (!link) return;
    const details = document.createElement("details");
    details.className = "source raw";
    const summary = document.createElement("summary");
    summary.textContent = this.words.raw;
    details.append(summary);
    details.addEventListener("toggle", () => this.fill(details, link.href), { once: true });
    place.querySelector("section")?.append(details);
  }

  async fill(details, address) {
    const text = document.createElement("pre");
    text.className = "scroll";
    text.tabIndex = 0;
    details.append(text);
    try {
      text.textContent = await beginning(await fetch(address));
    } catch {
      text.textContent = this.words.unreachable;
    }
  }
}

function contents(element) {
  return element.id === "outcome" ? [...element.childNodes] : [element];
}

async function beginning(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (text.length < RAW) {
    const { value, done } = await reader.read();
    if (done) return text;
    text += value;
  }
  await reader.cancel();
  return `${text.slice(0, RAW)}\n…`;
}
