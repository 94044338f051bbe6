"""`/admin`: what people ask, what was reported wrong, the reports, and the switch, for those who run the service."""

from server.admin.routes import UPLOAD_PATH, build_router
from server.admin.session import Sessions

__all__ = ["UPLOAD_PATH", "Sessions", "build_router"]
