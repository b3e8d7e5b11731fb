// SPDX-License-Identifier: Apache-2.0
(function () {
  'use strict';
  const page = document.querySelector('.ph[data-root]');
  if (!page) return;

  const all = page.querySelector('[data-all]');
  if (all) {
    all.addEventListener('change', function () {
      page.querySelectorAll('tbody input[name=id]').forEach(function (box) { box.checked = all.checked; });
    });
  }

  page.querySelectorAll('form.actions').forEach(function (form) {
    form.addEventListener('submit', function (event) {
      const button = event.submitter;
      const question = button && (button.dataset.confirm || (button.value === 'DELETE' && 'Delete for good?'));
      if (question && !confirm(question)) event.preventDefault();
    });
  });

  const counts = page.querySelectorAll('[data-count]');
  if (counts.length) {
    setInterval(function () {
      if (document.hidden) return;
      fetch(page.dataset.root + '/counts', { credentials: 'same-origin' })
        .then(function (answer) { return answer.ok ? answer.json() : {}; })
        .then(function (now) {
          counts.forEach(function (place) {
            if (place.dataset.count in now) place.textContent = now[place.dataset.count];
          });
        })
        .catch(function () { /* the server is away for a moment: the next round asks again */ });
    }, 5000);
  }
})();
