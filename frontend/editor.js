// The SPARQL page with script: its text field becomes an editor, its answer comes without a new page.
// Everything works without: what is here adds to a form, a list of links and a page made by the server.

import Yasqe from "@zazuko/yasqe";
import { completers } from "./completion.js";
import { Outcome } from "./outcome.js";
import { Recent } from "./recent.js";

const form = document.querySelector("form.editor");
const field = form.querySelector("textarea");
const words = JSON.parse(form.dataset.words);
const status = addressed("p", { className: "status", role: "status" });

function addressed(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function say(text) {
  status.textContent = text;
}

function edit() {
  const place = addressed("div", { className: "yasqe-place" });
  field.after(place);
  const yasqe = new Yasqe(place, {
    value: field.value,
    lineWrapping: false,
    viewportMargin: Infinity,
    inputStyle: "contenteditable",
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
  field.hidden = true;
  field.required = false; // the browser cannot show its complaint at a hidden field
  const input = yasqe.getInputField();
  input.id = "query-editor";
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (field.hasAttribute(name)) input.setAttribute(name, field.getAttribute(name));
  }
  const label = form.querySelector("label[for=query]");
  label.htmlFor = input.id;
  label.addEventListener("click", () => yasqe.focus());
  return yasqe;
}

// Yasqe tells of a mistake by a picture that a mouse must find; here it is told in words as well.
function checking(yasqe) {
  const note = addressed("p", { className: "mistake syntax", id: "syntax" });
  yasqe.rootEl.after(note);
  const check = () => {
    const lines = Array.from({ length: yasqe.lineCount() }, (_, line) => yasqe.lineInfo(line));
    const wrong = lines.find((line) => line.gutterMarkers?.gutterErrorBar);
    note.textContent = wrong ? words.mistake.replace("{line}", wrong.line + 1) : "";
    const mark = wrong?.gutterMarkers.gutterErrorBar;
    if (mark) Object.assign(mark, { onmouseover: null, onmouseout: null, title: note.textContent });
  };
  for (const event of ["change", "changes"]) yasqe.on(event, check);
  check();
}

function declare(yasqe, prefixes) {
  const declared = yasqe.getPrefixesFromQuery();
  const used = yasqe.getValue().matchAll(/(?<![\w<?$:/#.-])([A-Za-z][\w-]*):(?!\/\/)/g);
  const missing = [...new Set([...used].map(([, prefix]) => prefix))].filter(
    (prefix) => prefixes[prefix] && !(prefix in declared),
  );
  yasqe.addPrefixes(Object.fromEntries(missing.sort().reverse().map((prefix) => [prefix, prefixes[prefix]])));
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
  const yasqe = edit();
  checking(yasqe);
  const recent = new Recent(words, (query) => show(query));
  const outcome = new Outcome(form, words, say);
  const prefixes = Object.fromEntries(
    [...document.querySelectorAll(".prefixes div")].map((row) => [
      row.querySelector("dt").textContent.trim().slice(0, -1),
      row.querySelector("dd").textContent.trim(),
    ]),
  );

  const show = (query) => {
    yasqe.setValue(query);
    run();
  };
  const run = async () => {
    field.value = yasqe.getValue();
    recent.add(field.value);
    await outcome.ask(field.value);
  };
  form.addEventListener("submit", (event) => {
    field.value = yasqe.getValue();
    if (form.format.value !== "html") return; // a file: the browser's own business
    event.preventDefault();
    if (outcome.running) outcome.stop();
    else run();
  });
  addEventListener("popstate", () => {
    const query = new URLSearchParams(location.search).get("query");
    if (query === null) return location.reload();
    yasqe.setValue(query);
    return outcome.ask(query, { remember: false });
  });
  document.querySelector(".examples")?.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    show(new URL(link.href).searchParams.get("query"));
    form.scrollIntoView({ block: "nearest" });
  });

  const tool = (text, title, action) => {
    const button = addressed("button", { type: "button", className: "tool", title }, text);
    button.addEventListener("click", action);
    return button;
  };
  form.querySelector(".buttons").append(
    addressed(
      "span",
      { className: "tools" },
      tool(words.format, words.formatTitle, () => yasqe.autoformat()),
      tool(words.declare, words.declareTitle, () => declare(yasqe, prefixes)),
      tool(words.share, words.shareTitle, () => copyLink(outcome.address(yasqe.getValue()))),
    ),
  );
  form.append(addressed("p", { className: "quiet keys" }, words.keys), status);
  document.getElementById("outcome").after(recent.element);
}

if (form) start();
