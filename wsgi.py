"""For a WSGI server that forks: ``gunicorn wsgi:application``. Serves pages; work runs elsewhere.

Start ``dsr serve --role worker`` beside it: background work never starts before or across a fork. While
the database does not answer every page is a 503; a visit tries again.
"""

from dsr.app import create_app
from dsr.web.door import Door

application = Door(create_app, by_visit=True)
application.opened()
