"""A worker that sends webhooks until its receiver kills it: `python -m tests.accounts.webhooks.killed_courier`."""

import django


def main():
    django.setup()
    from accounts import tasks

    tasks.deliver_webhooks()


if __name__ == "__main__":
    main()
