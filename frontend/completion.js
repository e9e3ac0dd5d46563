// What the editor completes: variables, prefixes, and the classes and properties that the catalogue really has.

const MOST = 60;

// One request for all, when somebody first types.
class Vocabulary {
  constructor(address) {
    this.address = address;
    this.found = null;
  }

  load() {
    this.found ??= this.fetch();
    return this.found;
  }

  async fetch() {
    try {
      const response = await fetch(this.address, { headers: { Accept: "application/json" } });
      if (response.ok) return await response.json();
    } catch {
      // as below
    }
    this.found = null; // ask again at the next word: the server may only be busy
    return { prefixes: {}, classes: [], properties: [] };
  }
}

// What is typed, as an IRI if it is a prefixed name or the beginning of an IRI in angle brackets.
function typedIri(text, spaces) {
  if (text.startsWith("<")) return text.slice(1).replace(/>$/, "");
  const colon = text.indexOf(":");
  const space = colon < 0 ? undefined : spaces[text.slice(0, colon)];
  return space === undefined ? null : space + text.slice(colon + 1);
}

function shortened(iri, spaces) {
  let best = null;
  for (const [prefix, space] of Object.entries(spaces)) {
    const rest = iri.slice(space.length);
    if (iri.startsWith(space) && /^[A-Za-z_][\w-]*$/.test(rest) && (!best || space.length > best.space.length)) {
      best = { space, name: `${prefix}:${rest}` };
    }
  }
  return best?.name ?? `<${iri}>`;
}

// How well a term fits what is typed: 0 best, 3 not at all.
function rank(term, name, typed, iri) {
  if (iri !== null) return term.iri.toLowerCase().startsWith(iri.toLowerCase()) ? 0 : 3;
  const word = typed.toLowerCase();
  const local = term.iri.split(/[/#:]/).pop().toLowerCase();
  if (name.toLowerCase().startsWith(word) || local.startsWith(word)) return 0;
  if (local.includes(word)) return 1;
  return term.label?.toLowerCase().includes(word) ? 2 : 3;
}

function suggest(terms, typed, spaces) {
  const iri = typedIri(typed, spaces);
  const named = terms.map((term) => ({ term, name: shortened(term.iri, spaces) }));
  const fitting = named.map((each) => ({ ...each, rank: rank(each.term, each.name, typed, iri) }));
  return fitting
    .filter((each) => each.rank < 3 && each.name !== typed)
    .sort((one, other) => one.rank - other.rank || other.term.count - one.term.count)
    .slice(0, MOST);
}

function span(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

// The word before the cursor, whatever SPARQL's grammar makes of it so far ("Dataset" begins like DATA), with the
// state of Yasqe's parser where it begins.
function word(yasqe) {
  const { line, ch } = yasqe.getCursor();
  const text = yasqe.getLine(line);
  const [before] = text.slice(0, ch).match(/(?:<[^\s<>"{}|^`\\]*|[\p{L}\p{N}_:.%-]*)$/u);
  const [after] = text.slice(ch).match(/^[\p{L}\p{N}_:%-]*/u);
  const start = ch - before.length;
  const { state } = yasqe.getTokenAt({ line, ch: start });
  const variable = /[?$]/.test(text.charAt(start - 1));
  return { string: before, start, from: { ch: start }, to: { ch: ch + after.length }, state, variable };
}

// Where a predicate may stand; when asked for, also before a first letter.
function isPredicate(yasqe) {
  const { string, variable, state } = word(yasqe);
  return !variable && Boolean(string || yasqe.state.asked) && state.possibleNext.includes("a");
}

// After what says of which class a thing is.
function isClass(yasqe) {
  const { variable, state } = word(yasqe);
  const of = ["a", "rdf:type", "rdfs:domain", "rdfs:range"].includes(state.lastProperty);
  return !variable && of && !state.possibleNext.includes("a") && state.possibleNext.includes("PNAME_LN");
}

// Lists open when something is typed or asked for, not when a cursor passes by.
function whenTyped(completer) {
  let typing = false;
  return {
    ...completer,
    autoShow: true,
    onInitialize(yasqe) {
      yasqe.on("change", (_, change) => {
        typing = change.origin === "+input" || change.origin === "+delete";
      });
      // Yasqe's own listener, which opens the list, was there first
      yasqe.on("cursorActivity", () => queueMicrotask(() => (typing = false)));
    },
    isValidCompletionPosition(yasqe) {
      return (typing || Boolean(yasqe.state.asked)) && completer.isValidCompletionPosition(yasqe);
    },
  };
}

function terms(kind, isValidCompletionPosition, vocabulary, number) {
  const shown = new Map();
  return {
    name: `catalogue-${kind}`,
    bulk: false,
    isValidCompletionPosition,
    preProcessToken: (yasqe) => word(yasqe),
    postProcessSuggestion: (_yasqe, _token, name) => name,
    async get(yasqe, token) {
      const known = await vocabulary.load();
      const spaces = yasqe.getPrefixesFromQuery();
      shown.clear();
      for (const { term, name } of suggest(known[kind], token.string, spaces)) shown.set(name, term);
      return [...shown.keys()];
    },
    postprocessHints: (_, hints) =>
      hints.map((hint) => ({
        ...hint,
        render(element) {
          const term = shown.get(hint.text);
          element.append(span("name", hint.text));
          if (term?.label) element.append(span("label", term.label));
          if (term) element.append(span("count", number.format(term.count)));
        },
      })),
  };
}

export function completers(Yasqe, address, words) {
  const vocabulary = new Vocabulary(address);
  const number = new Intl.NumberFormat(words.language);
  const all = [
    Yasqe.Autocompleters.variables,
    {
      ...Yasqe.Autocompleters.prefixes,
      name: "catalogue-prefixes",
      bulk: false,
      async get(_, token) {
        const { prefixes } = await vocabulary.load();
        const lines = Object.entries(prefixes).map(([prefix, space]) => `${prefix}: <${space}>`);
        return lines.filter((line) => line.startsWith(token.string.trim()));
      },
    },
    terms("properties", isPredicate, vocabulary, number),
    terms("classes", isClass, vocabulary, number),
  ].map(whenTyped);
  for (const completer of all) Yasqe.registerAutocompleter(completer, false);
  return all.map((completer) => completer.name);
}
