# Grades students' notebooks without network and without anything else of yours.
FROM python:3.12-slim
RUN apt-get update && apt-get install -y --no-install-recommends libgl1 libegl1 libgles2
COPY . /course
WORKDIR /course
RUN python scripts/environment.py
# Students' code runs as another user, who must not read the solutions.
RUN chmod -R go-rwx book notebooks tests
ENTRYPOINT ["/course/.venv/bin/asl", "labs"]
