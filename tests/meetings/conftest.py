from tests.held_classes import hold, run_sync, session, without_webhooks

__all__ = ["hold", "run_sync", "session", "without_webhooks"]
