# Names

variable "region" {
  type        = string
  default     = null
  description = "Region that Berth is meant for. It is the provider's: another one here is refused. null: whichever the provider has."
}

variable "project" {
  type        = string
  default     = "berth"
  description = "Name of this installation. It begins the names of everything, so that several fit into one account."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.project))
    error_message = "The name has 3 to 30 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "name_prefix" {
  type        = string
  default     = null
  description = "Begins the names of everything instead of `project`."

  validation {
    condition     = var.name_prefix == null || can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", coalesce(var.name_prefix, "berth")))
    error_message = "The prefix has 3 to 30 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "first_project" {
  type        = string
  default     = "default"
  description = "Name of the project in Berth that the first setup makes."
}

variable "tags" {
  type        = map(string)
  default     = {}
  description = "Tags of everything, beside `berth:installation`, which is `project`."
}

# What runs

variable "lambda_zip" {
  type        = string
  default     = null
  description = "Zip with the functions: from a release, or made by `npm run build:lambda`. null: `dist/lambda.zip` of this checkout."
}

variable "lambda_s3" {
  type = object({
    s3_bucket         = string
    s3_key            = string
    s3_object_version = optional(string)
  })
  default     = null
  description = "The same zip in a bucket of this region. Name a version, or a key with the release in it: Terraform does not see that an object changed."
}

variable "lambda_runtime" {
  type        = string
  default     = "nodejs22.x"
  description = "Runtime of the functions. `nodejs24.x` takes a provider that knows it."

  validation {
    condition     = contains(["nodejs22.x", "nodejs24.x"], var.lambda_runtime)
    error_message = "Berth's functions run on nodejs22.x and nodejs24.x."
  }
}

variable "lambda_architecture" {
  type        = string
  default     = "arm64"
  description = "Processor of the functions: `arm64`, which is cheaper, or `x86_64`."

  validation {
    condition     = contains(["arm64", "x86_64"], var.lambda_architecture)
    error_message = "The architecture has to be arm64 or x86_64."
  }
}

variable "lambda_memory_size" {
  type        = number
  default     = 512
  description = "Memory of the functions in MiB."

  validation {
    condition     = var.lambda_memory_size >= 256 && var.lambda_memory_size <= 10240
    error_message = "Give 256 to 10240 MiB."
  }
}

variable "image_tag" {
  type        = string
  default     = "latest"
  description = "Tag of the runner's image in the repository that is made. A tag is never given to another image, so that the next one needs a new name here: `scripts/build-image.sh` prints it."

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", var.image_tag))
    error_message = "A tag has letters, digits, _, . and -, 128 at most."
  }
}

variable "runner_image" {
  type        = string
  default     = null
  description = "The runner's image, where it lies elsewhere; null for `image_tag` in the repository that is made."
}

variable "architecture" {
  type        = string
  default     = "x86_64"
  description = "Processor of the tasks: `x86_64` or `arm64`, which is cheaper. The runner's image has to be of the same."

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture has to be x86_64 or arm64."
  }
}

variable "task_cpu" {
  type        = number
  default     = 1024
  description = "CPU units of the task definition. Each run says its own; this is for tasks that are started by hand."
}

variable "task_memory" {
  type        = number
  default     = 2048
  description = "Memory of the task definition in MiB, as for `task_cpu`."
}

variable "task_ephemeral_storage_gib" {
  type        = number
  default     = 21
  description = "Disk of a task in GiB, where its suite asks for none."
}

variable "capacity_provider_weights" {
  type = object({
    fargate      = optional(number, 1)
    fargate_spot = optional(number, 0)
  })
  default     = {}
  description = "Shares of tasks on demand and on Fargate Spot. With any for Spot, Berth tries Spot first for each run, and runs on demand what Spot has no room for or took away; the shares themselves hold for tasks that are started by hand."
}

variable "container_insights" {
  type        = string
  default     = "disabled"
  description = "CloudWatch Container Insights of the cluster: `disabled`, `enabled` or `enhanced`. It is charged by metric."
}

variable "keep_images" {
  type        = number
  default     = 10
  description = "How many images the runner's repository keeps."
}

variable "task_definition_families" {
  type        = list(string)
  default     = []
  description = "Further families of task definitions that suites may name as their image."
}

variable "task_pass_role_arns" {
  type        = list(string)
  default     = []
  description = "Roles in the definitions of those families."
}

variable "suite_repository_arns" {
  type        = list(string)
  default     = []
  description = "Repositories in ECR with images that suites name."
}

variable "task_role_policies" {
  type        = map(string)
  default     = {}
  description = "ARNs of policies for the code of trusted runs, by any names. Code from forks never gets them."
}

# Event-driven runs

variable "enable_batch" {
  type        = bool
  default     = true
  description = "Whether there is AWS Batch for event-driven runs, with the function that asks for them. It costs nothing while nothing runs."
}

variable "job_definition_vcpu" {
  type        = number
  default     = 0.5
  description = "vCPUs of the job definition."
}

variable "job_definition_memory" {
  type        = number
  default     = 1024
  description = "Memory of the job definition in MiB."
}

variable "job_definition_timeout" {
  type        = number
  default     = 300
  description = "Seconds after which a job that is submitted by hand is ended."
}

variable "batch_max_vcpus" {
  type        = number
  default     = 16
  description = "How many vCPUs jobs may use at once; the rest waits, for 15 minutes at most. This limits what Batch can cost."
}

variable "batch_spot" {
  type        = bool
  default     = false
  description = "Whether jobs run on Fargate Spot."
}

variable "event_driven_run" {
  type = object({
    project  = string
    repo_url = string
    branch   = optional(string, "main")
    command  = string
  })
  default     = null
  description = "What an event-driven run tests; null: such events end in the dead-letter queue."
}

variable "event_bus_name" {
  type        = string
  default     = "default"
  description = "Bus that Berth publishes its events to, and takes run requests from."
}

# Network

variable "create_vpc" {
  type        = bool
  default     = true
  description = "Whether a VPC is made; else the one with `vpc_id` or `vpc_tags` is used."
}

variable "egress" {
  type        = string
  default     = "public"
  description = "The tasks' way out of a VPC that is made. `public`: public subnets and addresses, no way in; costs nothing while nothing runs. `nat`: private subnets behind NAT gateways. `endpoints`: no way out, but to AWS services."
}

variable "vpc_cidr" {
  type        = string
  default     = "10.42.0.0/16"
  description = "Addresses of the VPC that is made, between /16 and /24."
}

variable "availability_zones" {
  type        = list(string)
  default     = []
  description = "Zones of the subnets; empty for the first `zone_count` of the region."
}

variable "zone_count" {
  type        = number
  default     = 2
  description = "How many zones are used where `availability_zones` names none: 2 to 4."
}

variable "single_nat_gateway" {
  type        = bool
  default     = true
  description = "One NAT gateway for all zones, instead of one in each: cheaper, and gone with its zone."
}

variable "interface_endpoints" {
  type        = set(string)
  default     = null
  description = "Services with an interface endpoint, such as `ecr.api`; each costs by the hour and zone. null: with `egress = \"endpoints\"` those that are needed, else none."
}

variable "source_bucket_arns" {
  type        = list(string)
  default     = []
  description = "Buckets that tasks without a way out may reach, beside Berth's own."
}

variable "functions_in_vpc" {
  type        = bool
  default     = false
  description = "Whether the functions run in the tasks' network, such as to reach a GitHub Enterprise Server in it. In subnets with `egress = \"public\"` they would not come out."

  validation {
    condition     = !var.functions_in_vpc || !var.create_vpc || var.egress != "public"
    error_message = "Functions have no public address: with functions_in_vpc, egress has to be nat or endpoints."
  }
}

variable "vpc_id" {
  type        = string
  default     = null
  description = "VPC to use instead of making one."
}

variable "vpc_tags" {
  type        = map(string)
  default     = {}
  description = "Tags of the VPC to use, where `vpc_id` does not name it."
}

variable "subnet_tags" {
  type        = map(string)
  default     = null
  description = "Tags of the subnets to use in that VPC; null for `network_tag`."
}

variable "assign_public_ip" {
  type        = bool
  default     = false
  description = "Whether tasks get a public address in a VPC that was there before: true in its public subnets."
}

variable "network_tag" {
  type = object({
    key   = string
    value = string
  })
  default     = { key = "berth:network", value = "runner" }
  description = "Tag of the tasks' subnets and security group, by which Berth can find them."
}

variable "discover_network" {
  type        = bool
  default     = false
  description = "Whether Berth looks for subnets and security groups by that tag when it launches tasks, instead of being told which they are. For networks that change without Terraform."
}

variable "egress_ports" {
  type        = set(number)
  default     = [80, 443]
  description = "TCP ports that tasks may reach on the internet, where there is a way out."
}

variable "flow_logs" {
  type        = bool
  default     = false
  description = "Whether connections in a VPC that is made are logged."
}

# The app

variable "domain" {
  type = object({
    name            = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  default     = null
  description = "Name that people reach Berth by, with its certificate of ACM in this region, and the zone of Route 53 that gets its record; null for the API's own address."
}

variable "throttling" {
  type = object({
    rate  = optional(number, 100)
    burst = optional(number, 200)
  })
  default     = {}
  description = "Requests a second that the API takes, and how many at once beyond."
}

variable "http_reserved_concurrency" {
  type        = number
  default     = -1
  description = "How many requests may be answered at once; -1 for no limit of its own."
}

variable "max_tasks" {
  type        = number
  default     = null
  description = "How many tasks may run at once, of all projects; further runs stay queued. null: any number."

  validation {
    condition     = var.max_tasks == null || try(var.max_tasks >= 1 && floor(var.max_tasks) == var.max_tasks, false)
    error_message = "Give a whole number, 1 or more."
  }
}

variable "max_vcpus" {
  type        = number
  default     = null
  description = "How many vCPUs all tasks together may use: what of the account's Fargate quota is Berth's, and the most that tasks can cost in an hour. null: all of it; a quota of more than 256 is then left to AWS."

  validation {
    condition     = var.max_vcpus == null || try(var.max_vcpus >= 0.25, false)
    error_message = "Give 0.25 or more."
  }
}

variable "queue_concurrency" {
  type        = number
  default     = 10
  description = "How many instances work on the queue at once: 2 to 1000."
}

variable "github_app_secret" {
  type        = string
  default     = null
  description = "Reference to the GitHub App's credentials (JSON with appId, privateKey, webhookSecret): `ssm:<name>`, `secretsmanager:<name>` or an ARN. It has to be there before. null: without GitHub."

  validation {
    condition     = var.github_app_secret == null || can(regex("^(ssm:|secretsmanager:|arn:).+", coalesce(var.github_app_secret, "ssm:x")))
    error_message = "The reference has to be ssm:<name>, secretsmanager:<name>, or the ARN of either."
  }
}

variable "sources" {
  type        = string
  default     = "git"
  description = "How tasks get what is on GitHub: they clone (`git`), or Berth fetches an archive and hands it on through its bucket (`archive`), for tasks that do not reach GitHub."

  validation {
    condition     = contains(["git", "archive"], var.sources)
    error_message = "Sources are git or archive."
  }
}

variable "session_secret" {
  type        = string
  default     = null
  description = "Reference to what sessions of the dashboard are signed with, 32 characters or more, as for `github_app_secret`; null for the GitHub App's private key, and without that one a secret that the functions keep in their bucket."

  validation {
    condition     = var.session_secret == null || can(regex("^(ssm:|secretsmanager:|arn:).+", coalesce(var.session_secret, "ssm:x")))
    error_message = "The reference has to be ssm:<name>, secretsmanager:<name>, or the ARN of either."
  }
}

variable "outgoing_webhook" {
  type = object({
    url    = string
    secret = string
  })
  default     = null
  description = "Where Berth's events are posted to as signed webhooks, and the reference to what they are signed with, as for `github_app_secret`."

  validation {
    condition     = var.outgoing_webhook == null || can(regex("^(ssm:|secretsmanager:|arn:).+", var.outgoing_webhook.secret))
    error_message = "The secret has to be ssm:<name>, secretsmanager:<name>, or the ARN of either."
  }
}

variable "secrets_prefix" {
  type        = string
  default     = "/berth/secrets/"
  description = "Secrets of suites lie under it: `<prefix><owner>/<repository>/` and `<prefix>shared/`, in SSM or Secrets Manager."
}

variable "secrets_kms_key_arns" {
  type        = list(string)
  default     = []
  description = "Keys that these secrets are encrypted with, where they are not AWS's own."
}

variable "ghe_host" {
  type        = string
  default     = null
  description = "Host of GitHub Enterprise Server; null for github.com."
}

variable "ghe_protocol" {
  type        = string
  default     = "https"
  description = "Its protocol: `https` or `http`."
}

variable "oidc" {
  type = object({
    issuer   = optional(string)
    audience = optional(string)
  })
  default     = {}
  description = "Who signs the OIDC tokens of GitHub Actions that the action comes with, and for whom; by default github.com, and Berth's own address. Of GitHub Enterprise Server: `https://<host>/_services/token`."
}

variable "log_level" {
  type        = string
  default     = "info"
  description = "What the functions log: `debug`, `info`, `warn`, `error` or `silent`."
}

# What is kept, and how safely

variable "bucket_name" {
  type        = string
  default     = null
  description = "Name of the bucket of jobs, results, reports and artifacts; null for `<project>-<account>-<region>`."
}

variable "retention_days" {
  type = object({
    reports    = optional(number, 90)
    runs       = optional(number, 30)
    noncurrent = optional(number, 7)
  })
  default     = {}
  description = "Days after which reports, and results and artifacts of runs, are deleted; and how long what was replaced or deleted can be brought back."
}

variable "logging_retention_in_days" {
  type        = number
  default     = 30
  description = "How long logs are kept."

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.logging_retention_in_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "deletion_protection" {
  type        = bool
  default     = true
  description = "Whether the table cannot be deleted, and the bucket and the images only when there are none. Set it to false and apply before you uninstall."
}

variable "create_kms_key" {
  type        = bool
  default     = false
  description = "Whether a key is made for all that is stored: the table, objects, messages, logs and images. It costs 1 USD a month."

  validation {
    condition     = !var.create_kms_key || var.kms_key_arn == null
    error_message = "Either a key is made, or kms_key_arn names one."
  }
}

variable "kms_key_arn" {
  type        = string
  default     = null
  description = "Key of yours for the same. Its policy has to let CloudWatch Logs and EventBridge use it, as modules/app/kms.tf does. null: AWS's own keys."
}

variable "encrypt_environment" {
  type        = bool
  default     = false
  description = "Whether the functions' environment too is encrypted with the key of yours. It holds references to secrets, and none of them."

  validation {
    condition     = !var.encrypt_environment || var.create_kms_key || var.kms_key_arn != null
    error_message = "There is no key of yours to encrypt it with: set create_kms_key or kms_key_arn."
  }
}

variable "role_path" {
  type        = string
  default     = "/"
  description = "Path of all roles."

  validation {
    condition     = can(regex("^/(.+/)?$", var.role_path))
    error_message = "The path has to begin and end with a slash."
  }
}

variable "role_permissions_boundary" {
  type        = string
  default     = null
  description = "ARN of the policy that limits all roles."
}

variable "github_oidc" {
  type = object({
    subjects        = list(string)
    create_provider = optional(bool, true)
    host            = optional(string, "token.actions.githubusercontent.com")
  })
  default     = null
  description = "A role for workflows of GitHub Actions, which may push the runner's image and ask for event-driven runs: who may take it, by the `sub` of GitHub's tokens. null for none."
}

# Operation

variable "alarms" {
  type        = set(string)
  default     = ["dead_letters", "errors", "failed_requests", "launches", "sweep", "throttles"]
  description = "Which alarms there are. Each costs 0.10 USD a month, `errors` and `throttles` 0.30, beyond the 10 that are free."
}

variable "alarm_actions" {
  type        = list(string)
  default     = []
  description = "ARNs that an alarm tells when it goes off and when it is over, such as an SNS topic."
}

variable "create_dashboard" {
  type        = bool
  default     = true
  description = "Whether there is a CloudWatch dashboard: 3 USD a month beyond the 3 that are free."
}

variable "budget" {
  type = object({
    monthly_usd = number
    emails      = list(string)
  })
  default     = null
  description = "Monthly budget for what has the tag `berth:installation`, and who is told at 80 percent spent and 100 percent foreseen; null for none."
}

variable "tracing_config" {
  type = object({
    mode = optional(string)
  })
  default     = {}
  description = "X-Ray for the functions: mode `Active` or `PassThrough`; null for none."
}

variable "access_logs" {
  type        = bool
  default     = false
  description = "Whether every request to the API is logged."
}
