"""The one inline script of the page: constant, so that its content security policy can allow it by its hash."""

# Brings the newest question to the top of the window.
SCROLL = "{const asked = document.querySelectorAll('.question'); asked[asked.length - 1]?.scrollIntoView()}"
