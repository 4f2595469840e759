(() => { const words = "{{words}}"; })();
