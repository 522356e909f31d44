// mailauth's word on the DKIM signatures of FOLDER/*.eml: `node mailauth.mjs FOLDER`. FOLDER/zone.json stands for DNS:
// {name: text of the TXT record}. Prints a JSON array, a row a signature, in the order of the files and signatures.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';

const [folder] = process.argv.slice(2);
const zone = JSON.parse(readFileSync(join(folder, 'zone.json'), 'utf8'));

const resolver = async (name, type) => {
  if (type === 'TXT' && Object.hasOwn(zone, name)) return [[zone[name]]];
  throw Object.assign(new Error(`no ${type} of ${name}`), { code: 'ENOTFOUND' });
};

const mails = readdirSync(folder)
  .filter((name) => name.endsWith('.eml'))
  .sort((a, b) => parseInt(a) - parseInt(b));
const rows = [];
for (const name of mails) {
  const { results } = await dkimVerify(readFileSync(join(folder, name)), { resolver });
  for (const one of results) {
    rows.push({
      mail: name,
      result: one.status.result,
      why: one.status.comment || '',
      domain: one.signingDomain,
      algorithm: one.algo,
      covered: one.signingHeaders.keys,
    });
  }
}
console.log(JSON.stringify(rows));
