// mailparser's reading of a mail: `node mailparser.mjs FILE`. Prints one JSON object.
import { readFileSync } from 'node:fs';
import { simpleParser } from 'mailparser';

const mail = await simpleParser(readFileSync(process.argv[2]), { skipImageLinks: true });
const list = mail.headers.get('list') || {};
console.log(
  JSON.stringify({
    subject: mail.subject,
    from: mail.from.value,
    to: mail.to.value,
    messageId: mail.messageId,
    date: mail.date.toISOString(),
    text: mail.text,
    html: mail.html,
    unsubscribe: list.unsubscribe && list.unsubscribe.url,
    post: mail.headers.get('list-unsubscribe-post') || (list['unsubscribe-post'] || {}).name,
    images: mail.attachments.map(({ cid, contentType, contentDisposition, size }) => ({ cid, contentType, contentDisposition, size })),
  }),
);
