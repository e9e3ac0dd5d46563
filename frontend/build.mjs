// Bundles the SPARQL editor: node build.mjs FOLDER. Files are named by their content, so that browsers may keep
// them; manifest.json says which they are. The licences of all that is in them come along in one file.

import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

const YASQE = "node_modules/@zazuko/yasqe/build/yasqe.esm.js";
const LICENCES = "THIRD-PARTY-LICENSES.txt";

// Yasqe bundles prefix.cc's list, which anybody may write to and which has advertisements in it. Ours has its place.
const withoutForeignPrefixes = {
  name: "without-foreign-prefixes",
  setup(bundler) {
    bundler.onLoad({ filter: /yasqe\.esm\.js$/ }, async ({ path: file }) => {
      const text = await readFile(file, "utf8");
      const list = /((?:, [\w$]+ = "[^"]*")*), prefixes_default = \{([^{}]{1000,})\}/g;
      if ([...text.matchAll(list)].length !== 1) {
        throw new Error("Yasqe's list of prefixes is not where it was: see whether it must still be taken out");
      }
      const contents = text.replace(list, (_, addresses, names) => {
        const listed = new Set(names.match(/[\w$]+(?=,?\s*$)/gm));
        const kept = addresses.match(/, [\w$]+ = "[^"]*"/g).filter((each) => !listed.has(each.match(/[\w$]+/)[0]));
        return `${kept.join("")}, prefixes_default = {}`;
      });
      return { contents, loader: "js" };
    });
  },
};

async function bundle(folder) {
  const result = await build({
    entryPoints: ["editor.js", "editor.css"],
    outdir: folder,
    entryNames: "[name]-[hash]",
    bundle: true,
    minify: true,
    metafile: true,
    target: ["chrome100", "firefox100", "safari15"],
    legalComments: "none",
    banner: { js: `/* licences: ${LICENCES} */`, css: `/* licences: ${LICENCES} */` },
    plugins: [withoutForeignPrefixes],
    logLevel: "warning",
  });
  const made = Object.entries(result.metafile.outputs);
  return Object.fromEntries(made.map(([file, { entryPoint }]) => [entryPoint, path.basename(file)]));
}

// All packages of the lock file that are not for building alone.
async function packages() {
  const { packages: locked } = JSON.parse(await readFile("package-lock.json", "utf8"));
  const used = Object.entries(locked).filter(([folder, { dev, optional }]) => folder && !dev && !optional);
  return used.map(([folder, { version }]) => ({ folder, version, name: folder.split("node_modules/").pop() }));
}

// Yasqe comes bundled: its source map alone says of what.
async function bundledNames() {
  const { sources } = JSON.parse(await readFile(`${YASQE}.map`, "utf8"));
  return new Set(sources.flatMap((source) => source.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []));
}

async function licenceOf({ folder, name, version }) {
  const { license, author, contributors = [] } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(`${folder}/${file}`, "utf8")));
  const text = texts.join("\n").trim() || (await usual(license, [author, ...contributors]));
  return `${name} ${version} (${license})\n${"-".repeat(72)}\n${text}\n`;
}

// What a package means that names its licence and has no text of it.
async function usual(license, people) {
  if (license !== "MIT") throw new Error(`a package under ${license} has no text of it`);
  const names = people.map((each) => each?.name ?? each).filter(Boolean);
  return `Copyright (c) ${names.join(", ")}\n\n${(await readFile("MIT.txt", "utf8")).trim()}`;
}

async function licences() {
  const known = await packages();
  const missing = [...(await bundledNames())].filter((name) => !known.some((each) => each.name === name));
  if (missing.length) throw new Error(`no licence for what Yasqe bundles: ${missing.join(", ")}`);
  return (await Promise.all(known.map(licenceOf))).join(`\n${"=".repeat(72)}\n\n`);
}

const folder = process.argv[2];
await mkdir(folder, { recursive: true });
const [manifest, text] = await Promise.all([bundle(folder), licences()]);
await writeFile(path.join(folder, LICENCES), text);
await writeFile(path.join(folder, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
