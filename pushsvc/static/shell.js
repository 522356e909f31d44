// The shell of a government app: asks the host how pages shall look and whether somebody comes with a ticket, and goes on
// to the page that the hash names. Without the host's bridge, or when it does not answer, pages look as they always do.
(function () {
  'use strict';
  var WAIT = 1500;
  var gone = false;

  function page() {
    var path = location.hash.replace(/^#\/?/, '');
    return '/m/' + (/^[a-z0-9]+(?:[\/-][a-z0-9]+)*$/.test(path) ? path : '');
  }
  function go(style) {
    if (gone) { return; }
    gone = true;
    var look = '?mode=' + (style === 'elder' ? 'elder' : 'standard');
    var ticket = /[?&]ticket=/.test(location.search);
    var path = ticket ? '/m/host' + look + '&next=' + encodeURIComponent(page()) : page() + look;
    location.replace(document.body.dataset.service + path);
  }
  function ask(bridge) {
    bridge.onReady(function () {
      bridge.getUiStyle().then(function (told) { go(told && told.uiStyle); }, function () { go(''); });
    });
  }
  setTimeout(function () { go(''); }, WAIT);
  try { ask(window.ZWJSBridge); } catch (error) { go(''); }
})();
