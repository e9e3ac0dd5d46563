// The SPARQL page with script: its text field becomes an editor, its answer comes without a new page.
// Everything works without: what is here adds to a form, a list of links and a page made by the server.

import Yasqe from "@zazuko/yasqe";
import { completers } from "./completion.js";
import { Outcome } from "./outcome.js";
import { Recent } from "./recent.js";
import { keep, recall } from "./storage.js";

const form = document.querySelector("form.editor");
const field = form.querySelector("textarea");
const words = JSON.parse(form.dataset.words);
const PAUSE_MS = 1000;
const PLAIN = "harvester.plain";
const status = made("p", { className: "status", role: "status" });

function made(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function tool(text, title, action, kind = "tool") {
  const button = made("button", { type: "button", className: kind, title }, text);
  button.addEventListener("click", action);
  return button;
}

function say(text) {
  status.textContent = text;
}

// The prefixes that the page names: queries may use them undeclared.
function knownPrefixes() {
  const rows = [...document.querySelectorAll(".prefixes div")];
  const text = (row, tag) => row.querySelector(tag).textContent.trim();
  return Object.fromEntries(rows.map((row) => [text(row, "dt").slice(0, -1), text(row, "dd")]));
}

// Yasqe reads no further than to a prefix that it does not know, so it is told those of this endpoint.
function teach(prefixes) {
  const mode = Yasqe.modes.sparql11;
  Yasqe.defineMode("sparql11", (...settings) => {
    const parser = mode(...settings);
    const { startState } = parser;
    return { ...parser, startState: (...begin) => ({ ...startState(...begin), prefixes: { ...prefixes } }) };
  });
}

function edit() {
  const place = made("div", { className: "yasqe-place" });
  field.after(place);
  const yasqe = new Yasqe(place, {
    value: field.value,
    lineWrapping: false,
    viewportMargin: Infinity,
    screenReaderLabel: words.query,
    editorHeight: "auto",
    resizeable: false,
    showQueryButton: false,
    createShareableLink: null,
    consumeShareLink: null,
    persistenceId: null,
    prefixCcApi: null,
    autocompleters: completers(Yasqe, form.dataset.vocabulary, words),
    extraKeys: {
      // Tab leaves the editor, as it leaves any field: https://www.w3.org/TR/WCAG22/#no-keyboard-trap
      Tab: false,
      "Shift-Tab": false,
      Esc: false,
      "Ctrl-S": false,
      "Ctrl-Enter": () => form.requestSubmit(),
      "Cmd-Enter": () => form.requestSubmit(),
      "Ctrl-Space": (editor) => {
        editor.state.asked = true;
        yasqe.autocomplete();
        editor.state.asked = false;
      },
    },
  });
  yasqe.on("autocompletionShown", (_, { hints }) => hints.setAttribute("aria-label", words.suggestions));
  field.required = false; // the browser cannot show its complaint at a hidden field
  const input = yasqe.getInputField();
  input.id = "query-editor";
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (field.hasAttribute(name)) input.setAttribute(name, field.getAttribute(name));
  }
  return yasqe;
}

// The editor, or the plain field that the page came with: screen readers and some hands get on better with that.
class Field {
  constructor(yasqe) {
    this.yasqe = yasqe;
    this.label = form.querySelector("label[for=query]");
    this.label.addEventListener("click", () => this.plain || yasqe.focus());
    this.button = tool("", "", () => this.become(!this.plain, true));
    this.become(recall(PLAIN) === "yes");
  }

  get value() {
    return this.plain ? field.value : this.yasqe.getValue();
  }

  set value(query) {
    field.value = query;
    this.yasqe.setValue(query);
  }

  become(plain, chosen = false) {
    const { value } = chosen ? this : field;
    this.plain = plain;
    this.value = value;
    field.hidden = !plain;
    this.yasqe.rootEl.parentElement.hidden = plain;
    this.label.htmlFor = plain ? field.id : this.yasqe.getInputField().id;
    this.button.textContent = plain ? words.rich : words.plain;
    this.button.title = plain ? "" : words.plainTitle;
    for (const other of form.querySelectorAll(".of-editor")) other.hidden = plain;
    if (!plain) this.yasqe.refresh();
    if (chosen) keep(PLAIN, plain ? "yes" : null);
  }
}

// Yasqe tells of a mistake by a picture that a mouse must find; here it is told in words as well.
function checking(yasqe) {
  const note = made("p", { className: "mistake syntax", id: "syntax" });
  yasqe.rootEl.after(note);
  let waiting;
  const check = () => {
    const lines = Array.from({ length: yasqe.lineCount() }, (_, line) => yasqe.lineInfo(line));
    const wrong = lines.find((line) => line.gutterMarkers?.gutterErrorBar);
    const text = wrong ? words.mistake.replace("{line}", wrong.line + 1) : "";
    const mark = wrong?.gutterMarkers.gutterErrorBar;
    if (mark) Object.assign(mark, { onmouseover: null, onmouseout: null, title: text });
    clearTimeout(waiting); // who is typing knows that the query is not complete
    waiting = setTimeout(() => (note.textContent = text), text ? PAUSE_MS : 0);
  };
  for (const event of ["change", "changes"]) yasqe.on(event, check);
  check();
}

function declare(yasqe, prefixes) {
  const query = yasqe.getValue();
  const declared = new Set([...query.matchAll(/\bPREFIX\s+([\w.-]*):/gi)].map(([, prefix]) => prefix));
  const lines = Array.from({ length: yasqe.lineCount() }, (_, line) => yasqe.getLineTokens(line)).flat();
  const used = new Set(lines.filter(({ type }) => type === "string-2").map(({ string }) => string.split(":")[0]));
  const missing = [...used].filter((prefix) => prefixes[prefix] && !declared.has(prefix)).sort();
  const text = missing.map((prefix) => `PREFIX ${prefix}: <${prefixes[prefix]}>\n`).join("");
  yasqe.replaceRange(text, { line: 0, ch: 0 });
  say(missing.length ? "" : words.declared);
}

async function copyLink(address) {
  try {
    await navigator.clipboard.writeText(address);
    say(words.copied);
  } catch {
    history.replaceState(null, "", address); // without https a browser gives no clipboard
    say(words.inAddress);
  }
}

function start() {
  const prefixes = knownPrefixes();
  teach(prefixes);
  const yasqe = edit();
  checking(yasqe);
  const ours = "tool of-editor";
  const tools = made(
    "span",
    { className: "tools" },
    tool(words.format, words.formatTitle, () => yasqe.autoformat(), ours),
    tool(words.declare, words.declareTitle, () => declare(yasqe, prefixes), ours),
    tool(words.share, words.shareTitle, () => copyLink(outcome.address(query.value))),
  );
  form.querySelector(".buttons").append(tools);
  const keys = made("p", { className: "quiet keys of-editor" }, words.keys);
  form.append(made("div", { className: "below" }, status, keys));
  const query = new Field(yasqe);
  tools.append(query.button);

  const outcome = new Outcome(form, words, say);
  const recent = new Recent(words, (text) => show(text));
  document.getElementById("outcome").after(recent.element);
  const show = (text) => {
    query.value = text;
    run();
  };
  const run = () => {
    recent.add(query.value);
    return outcome.ask(query.value);
  };
  form.addEventListener("submit", (event) => {
    field.value = query.value;
    if (form.format.value !== "html") return; // a file: the browser's own business
    event.preventDefault();
    if (outcome.running) outcome.stop();
    else run();
  });
  addEventListener("popstate", () => {
    const text = new URLSearchParams(location.search).get("query");
    if (text === null) return location.reload();
    query.value = text;
    return outcome.ask(text, { remember: false });
  });
  document.querySelector(".examples")?.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    show(new URL(link.href).searchParams.get("query"));
    form.scrollIntoView({ block: "nearest" });
  });
}

if (form) start();
