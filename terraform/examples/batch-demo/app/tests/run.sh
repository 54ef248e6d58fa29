# The command of each run. The exit code decides whether the run succeeds.
exec pytest --verbose --junitxml=junit.xml
