"""Fakes of vendors: stateful, on loopback, wrong on order, and checked against contracts.

How to add one (see ``pipedrive.py``):

1. ``<vendor>.py``: subclass ``Fake``. One method per request, marked ``@route("GET", "v1/things/{id}")``; it
   gets an ``Asked`` and gives ``Reply(status, json)``. Keep the vendor's state in ``self.tables`` and go
   through the helpers, because the quirks of the fault matrix live in them: ``hits`` for every search,
   ``change`` for every write, ``remove`` for every delete, ``page`` for every listing. Fill in ``seed``,
   ``raw`` and ``disturb`` for the kit (a text of each person has neither digits nor ``@``, and what hangs on a row
   that is gone is not listed any more), and ``throttle``/``budget``, the vendor's own ways to say
   "later". ``writes`` names the requests that change something.
2. ``contracts/<vendor>.yaml``: facts in our own words: per request the query names, the body, and the
   answer per status (``contracts.py`` tells the notation). Unknown names and keys fail, so a fake that makes
   something up fails, and so does a connector that sends it. ``specs`` names the vendor's own descriptions,
   which are used when ``DSR_VENDOR_SPECS`` names the folder that holds them.
3. ``tests/connectors/test_<vendor>.py``::

       class TestThing(VendorKit, ConnectorKit):  # the conformance kit
           fake = Thing
       class TestThingFaults(FaultMatrix):  # every fault of the matrix
           fake = Thing

   (``several_writes = False`` where one change erases everything, ``changes`` where not every right is done)
   and one test for each trap of this vendor alone, and ``test_calls_of_a_case`` (see ``test_pipedrive.py``).

Every exchange of every test is checked when the test ends; the counts are printed at the end of the run.
"""
