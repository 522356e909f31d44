// Progressive enhancement only: every page works without this file.
(function (root) {
  root.classList.add('js');

  // A changed switch, tick or choice saves itself by sending its form; the page comes back where it was, and so does
  // the keyboard. Times and dates take several keys: they wait for their button.
  document.addEventListener('change', function (event) {
    var field = event.target, form = field.closest('form[data-auto]');
    if (!form || field.type === 'date' || field.type === 'time') { return; }
    keep('focus', form.getAttribute('action') + ' ' + field.name + ' ' + (field.type === 'radio' ? field.value : ''));
    form.requestSubmit ? form.requestSubmit() : form.submit();
  });
  document.addEventListener('submit', function (event) {
    var form = event.target, here;
    if (form.method !== 'post') { return; }
    if (form.matches('form[data-auto]') && !form.elements.here) {
      here = document.createElement('input');
      here.type = 'hidden';
      here.name = 'here';
      here.value = '1';
      form.appendChild(here);
    }
    keep('scroll', location.pathname + ' ' + window.scrollY);
  });
  document.addEventListener('DOMContentLoaded', function () {
    var scroll = kept('scroll').split(' '), focus = kept('focus').split(' ');
    if (scroll[0] === location.pathname && !location.hash) {
      window.scrollTo(0, Number(scroll[1]));
      document.querySelectorAll('form[data-auto]').forEach(function (form) {
        if (form.getAttribute('action') !== focus[0]) { return; }
        Array.prototype.forEach.call(form.elements, function (field) {
          var same = field.name && field.name === focus[1] && (field.type !== 'radio' || field.value === focus[2]);
          if (same && field.type !== 'hidden') { field.focus({ preventScroll: true }); }
        });
      });
    }
    document.querySelectorAll('[data-live]').forEach(watch);
  });
  function keep(name, value) { try { sessionStorage.setItem(name, value); } catch (error) { /* private mode */ } }
  function kept(name) {
    try {
      var value = sessionStorage.getItem(name) || '';
      sessionStorage.removeItem(name);
      return value;
    } catch (error) { return ''; }
  }

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
