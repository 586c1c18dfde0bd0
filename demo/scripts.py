"""What brings a page into a state, and what tells that it is in it, as scripts for the browser."""

SEND_NOTHING = "document.querySelector('#selection').submit()"
NOT_SENT = "document.addEventListener('submit', (event) => event.preventDefault());"
NEVER_ANSWERED = "XMLHttpRequest.prototype.send = () => {};"
ROW_MENU = """
const event = new MouseEvent("contextmenu", { bubbles: true, cancelable: true, clientX: 40, clientY: 300 });
document.querySelector(".row__link").dispatchEvent(event);"""
IS_BUSY = "document.querySelector('[data-busy]')"
DIALOG = "document.querySelector('#folder-dialog[open]')"
REMOVED_FOLDER = """
return [...document.querySelectorAll("label")].find((label) => /Lotto 3/.test(label.innerText)).control.value"""
