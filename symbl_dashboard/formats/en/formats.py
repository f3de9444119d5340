"""How Django itself writes dates and times, as in the admin: like the screens, with 24 hours."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i:s"
DATETIME_FORMAT = "j M Y, H:i:s"
