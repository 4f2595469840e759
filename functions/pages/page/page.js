const texts = JSON.parse(document.getElementById('texts').textContent);
