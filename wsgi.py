"""For a WSGI server that forks: ``gunicorn wsgi:application``. Serves pages; work runs elsewhere.

Start ``dsr serve --role worker`` beside it: background work never starts before or across a fork.
"""

from dsr.app import create_app

application = create_app()
