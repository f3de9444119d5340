"""Local speech recognition: a file goes in, who said what comes out.

Imports no Django and nothing else of the project, because `python -m
conversations.engine.recognition` runs in a child process that must start fast.
The engine's jobs call `runner.recognise`; its health check calls `bundled.status`.
"""
