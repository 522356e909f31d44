"""PostgreSQL and Valkey as foreground children of whoever needs them first."""

from pushsvc.embedded.errors import EmbeddedError
from pushsvc.embedded.servers import Urls, keep_old_data, restart_postgres, servers, with_servers

__all__ = ["EmbeddedError", "Urls", "keep_old_data", "restart_postgres", "servers", "with_servers"]
