// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Reads a JSON list of Mermaid diagrams from standard input, and writes what the
// Mermaid parser makes of each: its nodes and edges, or the error.

import { text } from "node:stream/consumers";
import { JSDOM } from "jsdom";

// Mermaid cleans labels with DOMPurify, which needs a document.
globalThis.window = new JSDOM("").window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");
mermaid.initialize({ startOnLoad: false, suppressErrorRendering: true });

// Mermaid holds entities back until it draws: "ﬂ°°34¶ß" is "#34;".
const plain = (label) =>
  (label ?? "").replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(Number(code)));

const results = [];
for (const source of JSON.parse(await text(process.stdin))) {
  try {
    const { diagramType } = await mermaid.parse(source);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(source);
    results.push({
      type: diagramType,
      nodes: [...db.getVertices().values()].map((v) => ({ id: v.id, label: plain(v.text), classes: v.classes })),
      edges: db.getEdges().map((e) => ({ from: e.start, to: e.end, label: plain(e.text), style: e.style ?? [] })),
    });
  } catch (error) {
    results.push({ error: String(error?.message ?? error) });
  }
}
console.log(JSON.stringify(results));
