// What mail clients do not show of FOLDER/*.html, by caniemail.com: `node caniemail.mjs FOLDER CLIENT...`, where a client
// is a name or a glob such as gmail.*. Prints a JSON array, a row for each file, client and feature: level is "error"
// (not supported) or "warning" (in part).
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { caniemail } from 'caniemail';

const [folder, ...clients] = process.argv.slice(2);
const rows = [];
for (const name of readdirSync(folder).filter((one) => one.endsWith('.html')).sort()) {
  const { issues } = caniemail({ clients, html: readFileSync(join(folder, name), 'utf8') });
  for (const [level, found] of [['error', issues.errors], ['warning', issues.warnings]]) {
    for (const [client, list] of found) {
      for (const { title } of list) rows.push({ file: name, level, client, feature: title });
    }
  }
}
console.log(JSON.stringify(rows));
