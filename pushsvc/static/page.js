// Progressive enhancement only: every page works without this file.
(function (root) {
  root.classList.add('js');

  // A changed switch, tick or choice saves itself by sending its form.
  document.addEventListener('change', function (event) {
    var form = event.target.closest('form[data-auto]');
    if (form && event.target.type !== 'date' && event.target.type !== 'time') {
      sessionStorage.setItem('scroll', location.pathname + ' ' + window.scrollY);
      form.requestSubmit ? form.requestSubmit() : form.submit();
    }
  });
  document.addEventListener('submit', function () {
    try { sessionStorage.setItem('scroll', location.pathname + ' ' + window.scrollY); } catch (error) { /* private mode */ }
  });
  document.addEventListener('DOMContentLoaded', function () {
    try {
      var kept = (sessionStorage.getItem('scroll') || '').split(' ');
      sessionStorage.removeItem('scroll');
      if (kept[0] === location.pathname && !location.hash) { window.scrollTo(0, Number(kept[1])); }
    } catch (error) { /* private mode */ }
    document.querySelectorAll('[data-live]').forEach(watch);
  });

  // Read the page aloud (elder mode).
  document.addEventListener('click', function (event) {
    if (!event.target.closest('.aloud') || !window.speechSynthesis) { return; }
    var words = new SpeechSynthesisUtterance(document.querySelector('main').innerText);
    words.lang = root.lang;
    speechSynthesis.cancel();
    speechSynthesis.speak(words);
  });

  // Live figures: ask every 2 s or as often as the region says, with the ETag of what is shown; only what changed is written.
  function watch(region) {
    var pause = Number(region.dataset.every) * 1000 || 2000;
    var tag = region.dataset.tag ? '"' + region.dataset.tag + '"' : '';
    function ask() {
      if (document.hidden) { return setTimeout(ask, pause); }
      fetch(region.dataset.live, { headers: tag ? { 'If-None-Match': tag } : {}, credentials: 'same-origin' })
        .then(function (answer) {
          if (answer.status === 304) { return null; }
          if (!answer.ok) { throw new Error(answer.status); }
          tag = answer.headers.get('ETag') || '';
          return answer.json();
        })
        .then(function (live) { if (live) { show(region, live); } })
        .catch(function () { /* the next round asks again */ })
        .then(function () { setTimeout(ask, pause); });
    }
    setTimeout(ask, pause);
  }
  function show(region, live) {
    if (live.state !== region.dataset.state || live.shape !== region.dataset.shape) { return location.reload(); }
    region.querySelectorAll('[data-n]').forEach(function (node) {
      var text = live.texts[node.dataset.n];
      if (text !== undefined && node.textContent !== text) { node.textContent = text; }
    });
    region.querySelectorAll('[data-w]').forEach(function (node) {
      var width = live.widths[node.dataset.w];
      if (width !== undefined) { node.setAttribute('width', width); }
    });
  }
})(document.documentElement);
