"""The asker: asks CRMs' APIs for what their payloads lacked, apart from everything that others wait for."""
