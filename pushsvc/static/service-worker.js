// Shows what is pushed to this browser, each message once, and opens the inbox when it is pressed.
// A push: {"title", "text", "url": a path of this site, "key"}.
'use strict';

var SHOWN = 'shown';
var KEPT = 100;
var INBOX = '/m/inbox';
var PLAIN = /^zh/i.test(self.navigator.language) ? '您有一条新消息' : 'You have a new message';

self.addEventListener('install', function (event) { event.waitUntil(self.skipWaiting()); });
self.addEventListener('activate', function (event) { event.waitUntil(self.clients.claim()); });

self.addEventListener('push', function (event) {
  event.waitUntil(show(read(event.data)));
});

self.addEventListener('notificationclick', function (event) {
  event.notification.close();
  event.waitUntil(open((event.notification.data || {}).url));
});

function read(data) {
  var told = {};
  try { told = data.json() || {}; } catch (error) { /* something has to be shown all the same */ }
  return { title: String(told.title || PLAIN), text: String(told.text || ''), url: told.url, key: String(told.key || '') };
}

// A key that was shown before: in its old place where that still stands, without a sound; else put away again at once.
// (A browser that is shown nothing takes the permission back.)
function show(told) {
  return Promise.all([wasShown(told.key), self.registration.getNotifications({ tag: told.key })]).then(function (known) {
    var again = known[0];
    var options = { body: told.text, tag: told.key, data: { url: told.url }, silent: again, icon: '/static/mark.svg' };
    return self.registration.showNotification(told.title, options).then(function () {
      return again && !known[1].length ? putAway(told.key) : undefined;
    });
  });
}

function putAway(key) {
  return self.registration.getNotifications({ tag: key }).then(function (standing) {
    standing.forEach(function (one) { one.close(); });
  });
}

function wasShown(key) {
  if (!key) { return Promise.resolve(false); }
  var name = '/m/shown/' + encodeURIComponent(key);
  return self.caches.open(SHOWN).then(function (kept) {
    return kept.match(name).then(function (found) {
      if (found) { return true; }
      return kept.put(name, new Response('')).then(function () { return kept.keys(); }).then(function (names) {
        return Promise.all(names.slice(0, Math.max(0, names.length - KEPT)).map(function (old) { return kept.delete(old); }));
      }).then(function () { return false; });
    });
  }).catch(function () { return false; });
}

// Only a page of this site below /m/ is ever opened, in a window that is there or in a new one.
function open(path) {
  var where = new URL(INBOX, self.location.origin);
  try {
    var asked = new URL(String(path), self.location.origin);
    if (asked.origin === self.location.origin && asked.pathname.indexOf('/m/') === 0) { where = asked; }
  } catch (error) { /* the inbox, then */ }
  return self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then(function (windows) {
    var mine = windows.filter(function (one) { return new URL(one.url).pathname.indexOf('/m/') === 0; })[0];
    if (!mine || !mine.navigate) { return self.clients.openWindow(where.href); }
    return mine.focus().then(function (one) { return one.navigate(where.href); })
      .catch(function () { return self.clients.openWindow(where.href); });
  });
}
