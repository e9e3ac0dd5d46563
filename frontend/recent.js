// The queries that were run in this browser. They are kept there, and sent nowhere.

import { keep, recall } from "./storage.js";

const KEY = "harvester.queries";
const MOST = 30;
const SHOWN = 120;

export class Recent {
  constructor(words, open) {
    this.words = words;
    this.open = open;
    this.element = document.createElement("details");
    this.element.className = "source recent";
    this.draw();
  }

  get queries() {
    try {
      const kept = JSON.parse(recall(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter((each) => typeof each === "string") : [];
    } catch {
      return []; // something else wrote there
    }
  }

  add(query) {
    if (!query.trim()) return;
    this.keep([query, ...this.queries.filter((each) => each !== query)].slice(0, MOST));
  }

  keep(queries) {
    keep(KEY, queries.length ? JSON.stringify(queries) : null);
    this.draw();
  }

  draw() {
    const { queries, words } = this;
    this.element.hidden = !queries.length;
    const summary = document.createElement("summary");
    summary.textContent = words.recent;
    const list = document.createElement("ul");
    list.className = "recent-list";
    list.append(...queries.map((query) => this.item(query)));
    const forget = document.createElement("button");
    Object.assign(forget, { type: "button", className: "tool", textContent: words.forget });
    forget.addEventListener("click", () => this.keep([]));
    this.element.replaceChildren(summary, list, forget);
  }

  item(query) {
    const button = document.createElement("button");
    const line = query.replace(/\s+/g, " ").trim();
    Object.assign(button, { type: "button", className: "query", title: query });
    button.textContent = line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
    button.addEventListener("click", () => this.open(query));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }
}
