"""Strings of the pages to sign in and to set a password."""

from __future__ import annotations

from pilah_api.web.wording.pairs import Pairs

TEXTS: Pairs = {
    "signin.title": ("Masuk", "Sign in"),
    "signin.lead": (
        "Antrean, kasus, dan pengaturan hanya terbuka bagi petugas yang masuk.",
        "Queue, cases and settings are open to officers who have signed in.",
    ),
    "signin.login": ("Nama masuk", "Login"),
    "signin.password": ("Kata sandi", "Password"),
    "signin.submit": ("Masuk", "Sign in"),
    "signin.provider": ("Masuk dengan akun instansi", "Sign in with the agency's account"),
    "signin.or_password": (
        "Anda akan dialihkan ke halaman masuk instansi. Atau pakai kata sandi Pilah:",
        "You will be taken to the agency's sign-in page. Or use a password of Pilah:",
    ),
    "signin.provider_drops": (
        "Lewat halaman masuk instansi, isian tadi tidak ikut terbawa. Dengan kata sandi Pilah isian tetap ada:",
        "By the agency's sign-in page, what you had typed does not come along. With a password of Pilah it does:",
    ),
    "signin.provider_stranger": (
        "Akun instansi Anda belum terdaftar di Pilah, atau sudah ditutup. Hubungi pengelola.",
        "Your agency account is not registered with Pilah, or was closed. Ask an administrator.",
    ),
    "signin.provider_failed": (
        "Masuk dengan akun instansi tidak berhasil. Mulai lagi dari halaman ini.",
        "Signing in with the agency's account did not work. Begin again from this page.",
    ),
    "signin.provider_down": (
        "Layanan masuk instansi sedang tidak dapat dihubungi. Coba lagi nanti, atau pakai kata sandi Pilah.",
        "The agency's sign-in service cannot be reached. Try again later, or use a password of Pilah.",
    ),
    "signin.out": ("Keluar", "Sign out"),
    "signin.help": (
        "Lupa kata sandi? Minta tautan sekali pakai kepada pengelola.",
        "Forgot the password? Ask an administrator for a one-time link.",
    ),
    "signin.refused": (
        "Nama masuk dan kata sandi tidak cocok. Periksa keduanya lalu coba lagi.",
        "The login and the password do not belong together. Check both and try again.",
    ),
    "signin.locked": (
        "Terlalu banyak percobaan yang gagal. Tunggu {seconds} detik lalu coba lagi.",
        "Too many failed sign-ins. Wait {seconds} seconds and try again.",
    ),
    "signin.link_lead": (
        "Tautan ini sekali pakai: tekan tombol untuk masuk. Setelah itu tautan tidak berlaku lagi.",
        "This link works once: press the button to sign in. After that it is used up.",
    ),
    "signin.link_used": (
        "Tautan ini sudah terpakai atau kedaluwarsa. Minta tautan baru kepada pengelola.",
        "This link was used or has expired. Ask an administrator for a new one.",
    ),
    "signin.unsent": (
        "Sesi Anda berakhir sebelum isian terkirim. Isian itu dibawa: masuk, lalu kirim lagi.",
        "Your session ended before the form was sent. What you filled in is kept: sign in, then send it again.",
    ),
    "unsent.title": ("Isian Anda masih ada", "What you filled in is still here"),
    "unsent.lead": (
        "Isian ini belum terkirim karena sesi berganti. Tidak ada yang tersimpan sebelum Anda menekan tombol.",
        "This form was not sent, since the session changed. Nothing is stored until you press the button.",
    ),
    "unsent.send": ("Kirim isian ini", "Send this form"),
    "unsent.drop": ("Buang isian ini", "Drop this form"),
    "password.title": ("Kata sandi Anda", "Your password"),
    "password.lead": (
        "Paling sedikit 12 karakter. Tiga atau empat kata yang tidak berkaitan sudah kuat dan mudah diingat.",
        "At least 12 characters. Three or four unrelated words are strong and easy to remember.",
    ),
    "password.current": ("Kata sandi sekarang", "Current password"),
    "password.new": ("Kata sandi baru", "New password"),
    "password.again": ("Kata sandi baru, sekali lagi", "New password, once more"),
    "password.submit": ("Simpan kata sandi", "Save the password"),
    "password.differ": ("Kedua isian kata sandi baru tidak sama.", "The two entries of the new password differ."),
    "password.weak": (
        "Kata sandi itu terlalu pendek atau mudah ditebak. Pakai tiga atau empat kata yang tidak berkaitan.",
        "That password is too short or easily guessed. Take three or four unrelated words.",
    ),
    "password.wrong": ("Kata sandi sekarang keliru.", "The current password is wrong."),
}
