"""The pages: server-rendered, usable without JavaScript, in Indonesian and English."""
