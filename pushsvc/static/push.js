// Push to this browser, on or off. Progressive enhancement: without this file the page says how else one is told.
(function () {
  var place = document.getElementById('here');
  var form = document.getElementById('push');
  var box = document.getElementById('here-on');
  if (!place || !place.dataset.key || !('serviceWorker' in navigator) || !('PushManager' in window)) { return; }

  function say(what) {
    place.querySelectorAll('[data-says]').forEach(function (line) { line.hidden = line.dataset.says !== what; });
  }
  function send(path, subscription) {
    var told = new FormData(form);
    told.set('subscription', JSON.stringify(subscription));
    return fetch(path, { method: 'POST', body: told, credentials: 'same-origin', redirect: 'error' })
      .then(function (answer) { if (!answer.ok) { throw new Error(answer.status); } });
  }
  function bytes(text) {
    var plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }
  // A subscription belongs to the key that it was made for (RFC 8292, 4.1): one for another key is made anew.
  function isOurs(subscription) {
    var key = subscription.options && subscription.options.applicationServerKey;
    var ours = bytes(place.dataset.key);
    return !key || new Uint8Array(key).every(function (byte, at) { return byte === ours[at]; });
  }
  function join(registration) {
    say('ask');
    return Notification.requestPermission().then(function (answer) {
      if (answer !== 'granted') { say('denied'); box.checked = false; return null; }
      var asked = { userVisibleOnly: true, applicationServerKey: bytes(place.dataset.key) };
      return registration.pushManager.subscribe(asked).then(function (subscription) {
        return send(place.dataset.join, subscription).then(function () { say('on'); }, function (error) {
          return subscription.unsubscribe().then(function () { throw error; });
        });
      });
    });
  }
  function leave(registration) {
    return registration.pushManager.getSubscription().then(function (subscription) {
      if (!subscription) { return say('off'); }
      return send(place.dataset.leave, subscription).catch(function () { /* its service will call it dead */ })
        .then(function () { return subscription.unsubscribe(); })
        .then(function () { say('off'); });
    });
  }
  // What stands: a subscription that the service may not know (another person's, a lost one) is told to it again.
  function look(registration) {
    return registration.pushManager.getSubscription().then(function (subscription) {
      if (subscription && !isOurs(subscription)) {
        return subscription.unsubscribe().then(function () { return null; });
      }
      return subscription;
    }).then(function (subscription) {
      form.hidden = false;
      box.checked = Boolean(subscription);
      say(Notification.permission === 'denied' ? 'denied' : subscription ? 'on' : '');
      return subscription && send(place.dataset.join, subscription);
    });
  }

  form.addEventListener('submit', function (event) { event.preventDefault(); });
  navigator.serviceWorker.register(place.dataset.worker, { scope: place.dataset.scope }).then(function (registration) {
    box.addEventListener('change', function () {
      box.disabled = true;
      (box.checked ? navigator.serviceWorker.ready.then(join) : leave(registration))
        .catch(function () { say('failed'); box.checked = false; })
        .then(function () { box.disabled = false; box.focus(); });
    });
    return look(registration);
  }).catch(function () { /* the page says how else one is told */ });
})();
