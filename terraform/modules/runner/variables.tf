variable "name" {
  type        = string
  description = "Begins the names of everything; the name of the cluster and of the task definition's family."
}

variable "image" {
  type        = string
  default     = null
  description = "Image with Berth's runner; null for `image_tag` in the repository that is made here."
}

variable "image_tag" {
  type        = string
  default     = "latest"
  description = "Tag of the runner's image in the repository that is made here."
}

variable "cpu" {
  type        = number
  default     = 1024
  description = "CPU units of the task definition. Each run says its own; this is what a task has that somebody starts by hand."

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "Fargate has 256, 512, 1024, 2048, 4096, 8192 or 16384 CPU units."
  }
}

variable "memory" {
  type        = number
  default     = 2048
  description = "Memory of the task definition in MiB, as for `cpu`."

  validation {
    condition     = var.memory >= 512 && var.memory <= 122880
    error_message = "Fargate has 512 to 122880 MiB."
  }
}

variable "ephemeral_storage_gib" {
  type        = number
  default     = 21
  description = "Disk of a task in GiB, where its suite asks for none."

  validation {
    condition     = var.ephemeral_storage_gib >= 21 && var.ephemeral_storage_gib <= 200
    error_message = "A task definition takes 21 to 200 GiB."
  }
}

variable "architecture" {
  type        = string
  default     = "x86_64"
  description = "Processor of the tasks: `x86_64` or `arm64`. The image has to be of the same."

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture has to be x86_64 or arm64."
  }
}

variable "capacity_provider_weights" {
  type = object({
    fargate      = optional(number, 1)
    fargate_spot = optional(number, 0)
  })
  default     = {}
  description = "Shares of tasks on demand and on Spot, for what is started on the cluster without a choice of its own."

  validation {
    condition     = var.capacity_provider_weights.fargate + var.capacity_provider_weights.fargate_spot > 0 && alltrue([for weight in values(var.capacity_provider_weights) : weight >= 0 && weight <= 1000])
    error_message = "Weights are 0 to 1000, and one of them is above 0."
  }
}

variable "container_insights" {
  type        = string
  default     = "disabled"
  description = "CloudWatch Container Insights of the cluster: `disabled`, `enabled` or `enhanced`. It is charged by metric."

  validation {
    condition     = contains(["disabled", "enabled", "enhanced"], var.container_insights)
    error_message = "Container Insights are disabled, enabled or enhanced."
  }
}

variable "keep_images" {
  type        = number
  default     = 10
  description = "How many images the repository keeps."

  validation {
    condition     = var.keep_images >= 1 && var.keep_images <= 1000
    error_message = "Keep 1 to 1000 images."
  }
}

variable "force_delete" {
  type        = bool
  default     = false
  description = "Whether the repository may be deleted with images in it."
}

variable "task_role_policies" {
  type        = map(string)
  default     = {}
  description = "ARNs of policies for the code of trusted runs, by any names. Code from forks never gets them."
}

variable "kms_key_arn" {
  type        = string
  default     = null
  description = "Key for images and logs; null for AWS's own."
}

variable "logging_retention_in_days" {
  type        = number
  default     = 30
  description = "How long the logs of runs are kept."
}

variable "role_path" {
  type        = string
  default     = "/"
  description = "Path of the roles."
}

variable "role_permissions_boundary" {
  type        = string
  default     = null
  description = "ARN of the policy that limits the roles."
}

variable "tags" {
  type        = map(string)
  default     = {}
  description = "Tags of everything."
}

variable "suite_repository_arns" {
  type        = list(string)
  default     = []
  description = "Repositories in ECR with images that suites name, which tasks may pull too."
}

variable "log_group_arns" {
  type        = list(string)
  default     = []
  description = "Further log groups that tasks write to, such as that of Batch."
}
